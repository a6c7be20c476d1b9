// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { Crypto } from "../../protocol/crypto.js";
import { SeededRandom } from "../../sim/random.js";
import { root, skip } from "../support/host.js";
import { side } from "../support/native.js";
import { providers } from "../support/providers.js";
import { type Hostile, hostile, Sprung, size, sprung } from "./hostile.js";

/** One parameter: bytes that are read (`in`) or written (`out`), of this length; `undefined` any. */
interface Parameter {
	readonly way: "in" | "out" | "tag" | "at" | "span";
	/** From the lengths of all arguments; `undefined`: any. */
	readonly length: (lengths: readonly number[]) => number | undefined;
}

const any: Parameter = { way: "in", length: () => undefined };
const reads = (length: number): Parameter => ({ way: "in", length: () => length });
const writes = (length?: number): Parameter => ({ way: "out", length: () => length });
const tag: Parameter = { way: "tag", length: () => undefined };
/** A place in argument 0, and how long what lies there is, with its tag. */
const at: Parameter = { way: "at", length: () => undefined };
const span: Parameter = { way: "span", length: () => undefined };
/** Argument 2 as a point of P-256, whole or compressed. */
const point: Parameter = { way: "in", length: (lengths) => (lengths[2] === 33 ? 33 : 65) };
/** A result as long as argument 4 and `more` bytes. */
const sealed = (more: (lengths: readonly number[]) => number): Parameter => ({
	way: "out",
	length: (lengths) => lengths[4]! + more(lengths),
});

/** As the comments of crypto.c and p256.c have them. */
function shapes(state: number): Readonly<Record<string, readonly Parameter[]>> {
	return {
		byteLength: [any],
		sha256: [writes(32), any],
		hashSize: [],
		hashBegin: [writes(state)],
		hashUpdate: [writes(state), any],
		hashEnd: [writes(32), writes(state)],
		hmacSha256: [writes(32), any, any],
		hkdfExpand: [writes(), any, any],
		ed25519KeyPair: [writes(32), writes(64), reads(32)],
		ed25519Sign: [writes(64), any, reads(64)],
		ed25519Verify: [reads(64), any, reads(32)],
		x25519Public: [writes(32), reads(32)],
		x25519: [writes(32), reads(32), reads(32)],
		p256Public: [writes(65), reads(32)],
		p256SharedSecret: [writes(32), reads(32), point],
		p256Sign: [writes(64), any, reads(32)],
		p256Verify: [reads(64), any, point],
		aesCcmSeal: [sealed((l) => l[5]!), reads(16), reads(13), any, any, tag],
		aesCcmOpen: [sealed((l) => -l[5]!), reads(16), reads(13), any, any, tag],
		chacha20Poly1305Seal: [sealed(() => 16), reads(32), reads(12), any, any],
		chacha20Poly1305Open: [sealed(() => -16), reads(32), reads(12), any, any],
		chacha20Poly1305SealIn: [writes(), reads(32), reads(12), any, at, span],
		chacha20Poly1305OpenIn: [writes(), reads(32), reads(12), any, at, span],
		random: [writes()],
		xor: [writes(), { way: "in", length: (lengths) => lengths[0] }],
		equal: [any, any],
		wipe: [writes()],
	};
}

/** Where an argument lies in the arena; nothing that is not there can be overlapped. */
interface Argument extends Hostile {
	readonly at?: number;
}

const ARENA = 4096;

/** One piece of memory that the good arguments of a call are cut from, with known bytes around each. */
class Arena {
	readonly bytes = new Uint8Array(ARENA);
	readonly #before = new Uint8Array(ARENA);
	readonly #words = new Uint32Array(this.bytes.buffer);
	readonly #wordsBefore = new Uint32Array(this.#before.buffer);
	readonly #random: SeededRandom;

	constructor(random: SeededRandom) {
		this.#random = random;
		for (let i = 0; i < this.#words.length; i++) this.#words[i] = random.uint32();
	}

	/** `slot`: arguments in different ones never overlap. */
	cut(slot: number, length: number): Argument {
		const at = slot * 600 + this.#random.below(600 - length);
		return { value: this.bytes.subarray(at, at + length), length, at };
	}

	keep(): void {
		this.#before.set(this.bytes);
	}

	/** Whether anything but what lies in `written` has changed. */
	touched(written: readonly Argument[]): boolean {
		for (const { at, length } of written)
			if (at !== undefined) this.#before.set(this.bytes.subarray(at, at + length!), at);
		for (let i = 0; i < this.#words.length; i++) if (this.#words[i] !== this.#wordsBefore[i]) return true;
		return false;
	}
}

function overlap(a: Argument, b: Argument): boolean {
	if (a.at === undefined || b.at === undefined || !a.length || !b.length) return false;
	return a.at < b.at + b.length && b.at < a.at + a.length;
}

/** The kinds of error that these arguments deserve; none: the call has a result. */
function deserved(parameters: readonly Parameter[], args: readonly Argument[]): Set<string> {
	const errors = new Set<string>();
	const lengths = args.map(({ length, value }) => length ?? Number(typeof value === "number" ? value : 0));
	for (const [i, { way, length }] of parameters.entries()) {
		const argument = args[i];
		if (argument === undefined) errors.add("TypeError");
		else if (way === "tag") {
			if (typeof argument.value !== "number") errors.add("TypeError");
			else if (argument.value !== 8 && argument.value !== 16) errors.add("RangeError");
		} else if (way === "at" || way === "span") {
			const [from, size] = [args[4]?.value, way === "at" ? 0 : args[5]?.value] as [number, number];
			if (typeof argument.value !== "number") errors.add("TypeError");
			else if (!(Number.isInteger(argument.value) && argument.value >= (way === "span" ? 16 : 0)))
				errors.add("RangeError");
			else if (typeof from === "number" && !(from + size <= lengths[0]!)) errors.add("RangeError");
		} else {
			const wanted = length(lengths);
			// A sealed text that is shorter than its tag.
			if (wanted !== undefined && wanted < 0) errors.add("RangeError");
			if (argument.length === undefined || (way === "out" && argument.fixed)) errors.add("TypeError");
			else if (wanted !== undefined && wanted !== argument.length) errors.add("RangeError");
			for (const [j, other] of args.entries())
				if (way === "out" && j !== i && j < parameters.length && overlap(argument, other))
					errors.add("RangeError");
		}
	}
	return errors;
}

describe("native functions and whatever JavaScript passes them", () => {
	// hal/node is OpenSSL, whose checks are Node's own.
	before(function () {
		if (side === undefined) skip(this, "native functions are XS's: npm run test:xs has them");
	});

	it("has a shape for each of them", () => {
		const { native, host } = side!;
		const bound = host.readText!(`${root}/hal/crypto/native/binding.js`) as string;
		const names = [...bound.matchAll(/^function (\w+)\(/gm)].map((match) => match[1]!);
		assert.sameMembers(Object.keys(shapes(native.hashSize())), names);
	});

	it("12,000 seeded calls: a TypeError, a RangeError or a result as the arguments deserve, and no byte elsewhere", () => {
		const { native, host } = side!;
		const petrify = host.petrify as (buffer: ArrayBuffer) => void;
		const functions = native as unknown as Record<string, (...args: unknown[]) => unknown>;
		const all = shapes(native.hashSize());
		const names = Object.keys(all);
		const random = new SeededRandom(0xfa17);
		const arena = new Arena(random);
		const outcomes = { result: 0, TypeError: 0, RangeError: 0 };
		for (let n = 0; n < 12_000; n++) {
			const name = names[n % names.length]!;
			const parameters = all[name]!;
			const args = goodArguments(arena, random, parameters);
			spoil(args, arena, random, petrify);
			const expected = deserved(parameters, args);
			const say = (): string =>
				`call ${n}: ${name}(${args.map(({ length, at }) => `${length}@${at}`).join(", ")})`;
			arena.keep();
			sprung.count = 0;
			let thrown: unknown;
			let result: unknown;
			try {
				result = functions[name]!(...args.map(({ value }) => value));
			} catch (error) {
				thrown = error;
			}
			assert.equal(sprung.count, 0, `${say()}: it ran code of its caller`);
			if (expected.size === 0) {
				assert.isUndefined(thrown, `${say()}: ${thrown}`);
				const kind = name === "hashSize" || name === "byteLength" ? "number" : typeof result;
				assert.equal(typeof result, kind);
				assert.include(["undefined", "boolean", "number"], typeof result, say());
				if (name === "byteLength") assert.equal(result, args[0]!.length, say());
				outcomes.result++;
				const written = args.filter((_, i) => parameters[i]?.way === "out");
				assert.isFalse(arena.touched(written), `${say()}: a write outside its results`);
			} else {
				assert.instanceOf(thrown, Error, `${say()}: it should have thrown`);
				const kind = (thrown as Error).name as "TypeError" | "RangeError";
				assert.isTrue(expected.has(kind), `${say()}: ${thrown}`);
				outcomes[kind]++;
				assert.isFalse(arena.touched([]), `${say()}: it threw and had written`);
			}
		}
		for (const [kind, count] of Object.entries(outcomes)) assert.isAbove(count, 1000, kind);
	});

	it("AES-CCM longer than its length field: an exception, or a tag that is wrong", () => {
		const { native } = side!;
		const [key, nonce] = [new Uint8Array(16), new Uint8Array(13)];
		const long = new Uint8Array(70_000);
		const none = new Uint8Array(0);
		assert.throws(
			() => native.aesCcmSeal(new Uint8Array(70_008), key, nonce, none, long, 8),
			/AES-CCM failed/,
		);
		assert.throws(() => native.aesCcmSeal(new Uint8Array(8), key, nonce, long, none, 8), /AES-CCM failed/);
		assert.isFalse(native.aesCcmOpen(new Uint8Array(69_992), key, nonce, none, long, 8));
	});

	it("HKDF-Expand gives no more than RFC 5869 allows, in C and in JavaScript", () => {
		const none = new Uint8Array(0);
		assert.throws(() => side!.native.hkdfExpand(new Uint8Array(255 * 32 + 1), none, none), RangeError);
		for (const length of [-1, 8161, 2 ** 30, 2 ** 32, Number.NaN])
			assert.throws(() => providers[0]!.hkdfExpand(none, none, length), RangeError, undefined, `${length}`);
	});

	it("the provider's methods, 6,000 calls: an exception or a result, and nothing that was passed in has changed", () => {
		const { host } = side!;
		const petrify = host.petrify as (buffer: ArrayBuffer) => void;
		const random = new SeededRandom(0xc0de);
		const arena = new Arena(random);
		const methods = methodsOf(providers[0]!);
		const names = Object.keys(methods);
		const seen = { results: 0, errors: 0 };
		for (let n = 0; n < 6000; n++) {
			const name = names[n % names.length]!;
			const [method, ...lengths] = methods[name]!;
			const args = lengths.map((length, slot) => arena.cut(slot, length ?? size(random)).value);
			if (name.startsWith("aes")) args.push(random.below(2) === 0 ? 8 : 16);
			for (let bad = random.below(3); bad > 0; bad--)
				args[random.below(args.length)] = hostile(random, petrify).value;
			args.length = Math.max(0, args.length - (random.below(8) === 0 ? 1 : 0));
			arena.keep();
			try {
				checkResult(name, method(...args));
				seen.results++;
			} catch (error) {
				assert.instanceOf(error, Error, name);
				if (!(error instanceof Sprung))
					assert.include(["TypeError", "RangeError"], error.name, `${name}: ${error}`);
				seen.errors++;
			}
			assert.isFalse(arena.touched([]), `call ${n}: ${name}`);
		}
		assert.isAbove(seen.results, 1000);
		assert.isAbove(seen.errors, 1000);
	});

	it("the host's own functions, 3,000 calls: an exception or a result", () => {
		const { host } = side!;
		const petrify = host.petrify as (buffer: ArrayBuffer) => void;
		const random = new SeededRandom(0x0575);
		// Not those that end the process, or speak to whoever runs the specs.
		const names = [
			"argument",
			"readText",
			"read",
			"alarmSet",
			"alarmClear",
			"microseconds",
			"memory",
			"petrify",
			"call",
			"now",
			"take",
			"listen",
		];
		for (let n = 0; n < 3000; n++) {
			const name = names[n % names.length]!;
			assert.isFunction(host[name], name);
			const args = [hostile(random, petrify).value, hostile(random, petrify).value].slice(random.below(3));
			try {
				host[name]!(...args);
			} catch (error) {
				assert.instanceOf(error, Error, `${name}: ${String(error)}`);
			}
		}
		for (let alarm = 0; alarm < 64; alarm++) host.alarmClear!(alarm);
		assert.include([undefined, ""], host.readText!("/") as string | undefined, "a folder is no text");
		assert.isUndefined(host.readText!("/there/is/no/such/file"));
	});
});

function goodArguments(arena: Arena, random: SeededRandom, parameters: readonly Parameter[]): Argument[] {
	const lengths = parameters.map(({ way }) => (way === "tag" ? 8 << random.below(2) : size(random)));
	return parameters.map(({ way, length }, slot) => {
		if (way === "tag") return { value: lengths[slot] };
		if (way === "at") return { value: lengths[0]! % 5 };
		if (way === "span") return { value: lengths[0]! - (lengths[0]! % 5) };
		const wanted = length(lengths);
		return arena.cut(slot, wanted === undefined || wanted < 0 ? lengths[slot]! : wanted);
	});
}

/** Nothing, a wrong value, a wrong length, an overlap, a missing or surplus argument, or several of them. */
function spoil(
	args: Argument[],
	arena: Arena,
	random: SeededRandom,
	petrify: (buffer: ArrayBuffer) => void,
): void {
	for (let faults = random.below(3); faults > 0 && args.length > 0; faults--) {
		const index = random.below(args.length);
		const kind = random.below(8);
		if (kind < 4) args[index] = hostile(random, petrify);
		else if (kind === 4) args[index] = arena.cut(index, size(random));
		else if (kind === 5) {
			// Over another argument, as long as it should be.
			const { at = 0 } = args[random.below(args.length)]!;
			const { length } = args[index]!;
			const from = Math.min(Math.max(0, at + random.below(9) - 4), ARENA - 300);
			if (length !== undefined && length <= 300)
				args[index] = { value: arena.bytes.subarray(from, from + length), length, at: from };
		} else if (kind === 6) args.length = index;
		else args.push(hostile(random, petrify));
	}
}

type Method = readonly [(...args: unknown[]) => unknown, ...(number | undefined)[]];

/** The contract's methods that take bytes, each with the lengths that are right. */
function methodsOf(crypto: Crypto): Readonly<Record<string, Method>> {
	const method = (name: keyof Crypto, ...lengths: (number | undefined)[]): Method => [
		(...args) => (crypto[name] as (...args: unknown[]) => unknown)(...args),
		...lengths,
	];
	const aead = ["aesCcmSeal", "aesCcmOpen", "chacha20Poly1305Seal", "chacha20Poly1305Open"] as const;
	return {
		sha256: method("sha256", undefined),
		hash: [
			(data) =>
				crypto
					.hash()
					.update(data as Uint8Array)
					.digest(),
			undefined,
		],
		hmacSha256: method("hmacSha256", undefined, undefined),
		hkdfExpand: [
			(prk, info) => crypto.hkdfExpand(prk as Uint8Array, info as Uint8Array, 42),
			undefined,
			undefined,
		],
		ed25519KeyPair: method("ed25519KeyPair", 32),
		ed25519Sign: method("ed25519Sign", undefined, 64),
		ed25519Verify: method("ed25519Verify", 64, undefined, 32),
		x25519KeyPair: method("x25519KeyPair", 32),
		x25519: method("x25519", 32, 32),
		p256KeyPair: method("p256KeyPair", 32),
		p256SharedSecret: method("p256SharedSecret", 32, 65),
		p256Sign: method("p256Sign", undefined, 32),
		p256Verify: method("p256Verify", 64, undefined, 33),
		equal: method("equal", undefined, undefined),
		...Object.fromEntries(
			aead.map((name) => [
				name,
				method(name, ...(name.startsWith("aes") ? [16, 13] : [32, 12]), undefined, undefined),
			]),
		),
	};
}

function checkResult(name: string, result: unknown): void {
	if (result === undefined || typeof result === "boolean" || result instanceof Uint8Array) return;
	const { publicKey, secretKey } = result as { publicKey: unknown; secretKey: unknown };
	assert.instanceOf(publicKey, Uint8Array, name);
	assert.instanceOf(secretKey, Uint8Array, name);
}
