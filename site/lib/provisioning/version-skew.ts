// SPDX-License-Identifier: Apache-2.0

import { type CborMap, type CborValue, isFields } from "../../../protocol/cbor/value.js";
import { checkConfig, type ReaderConfig } from "../../../protocol/config/document.js";
import { withoutRemoved } from "../../../protocol/config/door.js";
import { RequestRefused } from "./errors.js";

/**
 * `wanted` as a reader with newer or older firmware can have it. `now`: the configuration that it has, if any. Settings that
 * this lintel does not know stay as they are: no file takes them away. Settings that the reader does not know are left out
 * where they are at their default; others stay, for the reader to refuse: the file asks for what it cannot do. Settings that
 * are gone do not stay, so that an older reader has what a newer one would do.
 */
export function fitted(wanted: ReaderConfig, now: CborMap | null): CborMap {
	return now === null ? wanted : merged(wanted, current(now), defaults(wanted));
}

function current(now: CborMap): CborMap {
	return isFields(now.door) ? { ...now, door: withoutRemoved(now.door) as CborMap } : now;
}

/** The settings of `now`, with dots, that this lintel does not know. */
export function foreignSettings(wanted: ReaderConfig, now: CborMap | null): string[] {
	return unknown(current(now ?? {}), wanted, "");
}

/**
 * The settings that a reader does not know, with dots, where nothing else is wrong with a configuration; `undefined` where
 * it refused for more than that. It names as many as fit a reply.
 */
export function unknownSettings(error: unknown): string[] | undefined {
	if (!(error instanceof RequestRefused)) return undefined;
	const { problems } = error.refusal;
	if (problems.length === 0 || problems.some(({ reason }) => reason !== "unknown-field")) return undefined;
	return problems.map(({ field }) => field);
}

/** `wanted` without the settings named, with dots; `undefined` where one of them is not at its default. */
export function without(wanted: ReaderConfig, settings: readonly string[]): CborMap | undefined {
	const named = (name: string): boolean => settings.includes(name);
	const usual = defaults(wanted);
	const left: [string, CborValue | undefined][] = [];
	for (const [name, value] of Object.entries<CborValue>(wanted)) {
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

function merged(wanted: CborMap, now: CborMap, usual: CborMap): CborMap {
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

function unknown(now: CborMap, wanted: CborMap, prefix: string): string[] {
	return Object.entries(now).flatMap(([name, value]) => {
		if (!Object.hasOwn(wanted, name)) return [`${prefix}${name}`];
		const known = wanted[name];
		return isFields(value) && isFields(known) ? unknown(value, known, `${prefix}${name}.`) : [];
	});
}

/** All settings of a door of this name that says nothing of them. */
function defaults({ id }: ReaderConfig): CborMap {
	const checked = checkConfig({ id });
	return "config" in checked ? checked.config : { id };
}

function same(a: CborValue | undefined, b: CborValue | undefined): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}
