// SPDX-License-Identifier: Apache-2.0

/** Tries each write on a device's preloaded module and on the built-ins; prints those that were refused. */
import * as preloaded from "./preloaded.js";

declare const host: { print(line: string): void };

/** Own error, as the firmware's are, but for how it gets its name. */
class Assigned extends Error {
	constructor() {
		super("assigned");
		this.name = "Assigned";
	}
}

// biome-ignore lint/suspicious/noExplicitAny: these are writes that types forbid.
const any = (value: unknown): any => value;
const { Thing, thing, sealed, object, array, frozenObject, frozenArray, map, set } = preloaded;
const generator = any(function* () {});

const WRITES: Readonly<Record<string, () => unknown>> = {
	"Error.prototype, a property": () => (any(Error.prototype).name = "other"),
	"an error's name by assignment": () => new Assigned(),
	"Object.prototype, a new property": () => (any(Object.prototype).extra = 1),
	"Array.prototype, a method": () => (any(Array.prototype).push = () => 0),
	"Function.prototype, a new property": () => (any(Function.prototype).extra = 1),
	"Uint8Array.prototype, a new property": () => (any(Uint8Array.prototype).extra = 1),
	"the prototype of array iterators": () =>
		(any(Object.getPrototypeOf([][Symbol.iterator]())).next = () => 0),
	"the prototype of generators": () => (any(Object.getPrototypeOf(generator.prototype)).extra = 1),
	"Math, a function": () => (any(Math).abs = () => 0),
	"JSON, a function": () => (any(JSON).parse = () => 0),
	"Reflect, a function": () => (any(Reflect).get = () => 0),
	"a built-in constructor, a new property": () => (any(Array).extra = 1),
	"a built-in constructor, deletion": () => delete any(Array).from,
	"a class, a static field": () => Thing.count++,
	"a class, a static private field": () => Thing.make(),
	"a class, a new property": () => (any(Thing).extra = 1),
	"a class, its prototype": () => (any(Thing.prototype).method = () => 0),
	"a class, its prototype's setting": () => Object.setPrototypeOf(Thing.prototype, null),
	"a new instance, over a method": () => (any(new Thing()).method = () => 0),
	"a function, a new property": () => (any(preloaded.plainFunction).extra = 1),
	"an arrow function, a new property": () => (any(preloaded.arrow).extra = 1),
	"a binding to a function": () => preloaded.bindCallback(),
	"a Map": () => map.set("key", 2),
	"a Map, deletion": () => map.delete("key"),
	"a Set": () => set.add(2),
	"a WeakMap": () => preloaded.weakMap.set(array, 2),
	"a WeakSet": () => preloaded.weakSet.add(array),
	"an ArrayBuffer, through a new view": () => new Uint8Array(preloaded.buffer).fill(1),
	"an ArrayBuffer, a new property": () => (any(preloaded.buffer).extra = 1),
	"a DataView": () => preloaded.view.setUint8(0, 1),
	"a typed array, an element": () => (preloaded.bytes[0] = 1),
	"a typed array, set": () => preloaded.bytes.set([1]),
	"a typed array, a new property": () => (any(preloaded.bytes).extra = 1),
	"a RegExp that remembers where it was": () => preloaded.pattern.exec("aa"),
	"a Promise, a new property": () => (any(preloaded.promise).extra = 1),
	"a frozen object": () => (frozenObject.property = 1),
	"a frozen object, a new property": () => (frozenObject.extra = 1),
	"a frozen array": () => (frozenArray[0] = 2),
	"a frozen array, push": () => frozenArray.push(2),
	"a frozen instance, its private field": () => sealed.hide(),
	"an object": () => (object.property = 1),
	"an object, a new property": () => (object.extra = 1),
	"an object in a frozen one": () => (any(frozenObject.inner).property = 1),
	"an object with an accessor, a new property": () => (any(preloaded.accessor).extra = 1),
	"an array": () => (array[0] = 2),
	"an array, push": () => array.push(2),
	"an instance, its field": () => thing.field++,
	"an instance, its private field": () => thing.hide(),
	"a binding to a number": () => preloaded.bindNumber(),
	"a binding to an object": () => preloaded.bindObject(),
	"a binding to nothing yet": () => preloaded.bindLater(),
	"a closure's count": () => preloaded.counted.next(),
	"an instance made now": () => (new Thing().field = 1),
	"a typed array made now": () => (new Uint8Array(8)[0] = 1),
	"the global object": () => (any(globalThis).extra = 1),
};

const refused = Object.keys(WRITES).filter((name) => {
	try {
		WRITES[name]!();
		return false;
	} catch (error) {
		if (!(error instanceof TypeError)) throw error;
		return true;
	}
});
host.print(JSON.stringify({ tried: Object.keys(WRITES), refused }));
