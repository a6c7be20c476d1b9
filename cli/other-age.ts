import { type Fields, isFields, type Value } from "../protocol/cbor/value.js";
import { checkConfig, type ReaderConfig } from "../protocol/config/document.js";
import { hint } from "./output.js";

/**
 * `wanted` as a reader of another age can have it. `now`: the configuration that it has, if any. Settings that this lintel
 * does not know stay as they are: nothing said in a file takes them away. Settings that the reader does not know are left out
 * where they are at their default; others stay, for the reader to refuse: somebody wants what it cannot do.
 */
export function fitted(wanted: ReaderConfig, now: unknown): Fields {
	const fields = wanted as unknown as Fields;
	return isFields(now as Value) ? merged(fields, now as Fields, defaults(wanted)) : fields;
}

/** Says which settings of `now` this lintel does not know. */
export function tellForeign(wanted: ReaderConfig, now: unknown): void {
	if (!isFields(now as Value)) return;
	const names = unknown(now as Fields, wanted as unknown as Fields, "");
	if (names.length > 0)
		hint(
			`the reader is newer than this lintel; its ${names.join(", ")} stays as it is: update lintel to set it`,
		);
}

/** `wanted` without the settings named, with dots; `undefined` where one of them is not at its default. */
export function without(wanted: ReaderConfig, settings: readonly string[]): Fields | undefined {
	const named = (name: string): boolean => settings.includes(name);
	const usual = defaults(wanted);
	const left: [string, Value | undefined][] = [];
	for (const [name, value] of Object.entries(wanted as unknown as Fields)) {
		const group = usual[name];
		if (named(name)) {
			if (!same(value, group)) return undefined;
		} else if (isFields(value) && isFields(group)) {
			const inner = Object.entries(value);
			if (inner.some(([key, one]) => named(`${name}.${key}`) && !same(one, group[key]))) return undefined;
			left.push([name, Object.fromEntries(inner.filter(([key]) => !named(`${name}.${key}`)))]);
		} else left.push([name, value]);
	}
	return Object.fromEntries(left);
}

function merged(wanted: Fields, now: Fields, usual: Fields): Fields {
	const own = Object.entries(wanted).flatMap(([name, value]) => {
		const had = Object.hasOwn(now, name) ? now[name] : undefined;
		const group = usual[name];
		if (isFields(value) && isFields(had))
			return [[name, merged(value, had, isFields(group) ? group : {})] as const];
		return had !== undefined || !same(value, group) ? [[name, value] as const] : [];
	});
	const others = Object.entries(now).filter(([name]) => !Object.hasOwn(wanted, name));
	return Object.fromEntries([...own, ...others]);
}

function unknown(now: Fields, wanted: Fields, prefix: string): string[] {
	return Object.entries(now).flatMap(([name, value]) => {
		if (!Object.hasOwn(wanted, name)) return [`${prefix}${name}`];
		const known = wanted[name];
		return isFields(value) && isFields(known) ? unknown(value, known, `${prefix}${name}.`) : [];
	});
}

/** All settings of a door of this name that says nothing of them. */
function defaults({ id }: ReaderConfig): Fields {
	const checked = checkConfig({ id });
	return ("config" in checked ? checked.config : { id }) as unknown as Fields;
}

function same(a: Value | undefined, b: Value | undefined): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}
