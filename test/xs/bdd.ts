// SPDX-License-Identifier: Apache-2.0

/**
 * mocha's `describe` and `it` on XS: synchronous specs, run in the order in which they are written. Prints one line of
 * JSON when a spec begins, which is the last where it ends the machine, and one for its result, so that whoever counts need not parse prose.
 */
declare const host: {
	print(line: string): void;
	microseconds(): number;
};

interface Context {
	skip(why?: string): never;
	timeout(ms: number): Context;
	slow(ms: number): Context;
}

type Body = (this: Context) => unknown;

interface Suite {
	readonly title: string;
	readonly parent: Suite | undefined;
	readonly entries: (Suite | Spec)[];
	readonly before: Body[];
	readonly after: Body[];
	readonly beforeEach: Body[];
	readonly afterEach: Body[];
	skipped: boolean;
}

interface Spec {
	readonly title: string;
	readonly body: Body | undefined;
}

class Skip extends Error {}

const context: Context = {
	skip: (why) => {
		throw new Skip(why ?? "");
	},
	timeout: () => context,
	slow: () => context,
};

function newSuite(title: string, parent: Suite | undefined, skipped = false): Suite {
	return { title, parent, entries: [], before: [], after: [], beforeEach: [], afterEach: [], skipped };
}

let current = newSuite("", undefined);
const top = current;

function describe(title: string, body: Body, skipped = false): void {
	const suite = newSuite(title, current, skipped);
	current.entries.push(suite);
	current = suite;
	body.call(context);
	current = suite.parent!;
}

function it(title: string, body?: Body): void {
	current.entries.push({ title, body });
}

function failureText(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	return `${error.name}: ${error.message}\n${error.stack ?? ""}`;
}

function each(suite: Suite | undefined, which: "beforeEach" | "afterEach"): void {
	if (suite === undefined) return;
	if (which === "beforeEach") each(suite.parent, which);
	for (const hook of suite[which]) hook.call(context);
	if (which === "afterEach") each(suite.parent, which);
}

function report(state: "passed" | "failed" | "skipped", title: string, ms: number, error?: unknown): void {
	const why = error instanceof Skip ? error.message : error === undefined ? undefined : failureText(error);
	host.print(JSON.stringify({ state, title, ms, ...(why ? { why } : {}) }));
}

function runSpec(suite: Suite, spec: Spec, path: string): void {
	const title = `${path} ${spec.title}`.trim();
	if (spec.body === undefined || suite.skipped) {
		report("skipped", title, 0);
		return;
	}
	host.print(JSON.stringify({ state: "begun", title }));
	const start = host.microseconds();
	const ms = (): number => Math.round((host.microseconds() - start) / 1000);
	try {
		each(suite, "beforeEach");
		const result = spec.body.call(context);
		if (result instanceof Promise) throw new Error("specs of the firmware are synchronous");
		each(suite, "afterEach");
		report("passed", title, ms());
	} catch (error) {
		report(error instanceof Skip ? "skipped" : "failed", title, ms(), error);
	}
}

/** Counts all specs of a suite as `state`: its `before` skipped them all, or failed. */
function all(suite: Suite, path: string, state: "failed" | "skipped", error: unknown): void {
	for (const entry of suite.entries) {
		if ("entries" in entry) all(entry, `${path} ${entry.title}`, state, error);
		else report(state, `${path} ${entry.title}`.trim(), 0, error);
	}
}

function runSuite(suite: Suite, path: string): void {
	if (suite.parent?.skipped) suite.skipped = true;
	try {
		if (!suite.skipped) for (const hook of suite.before) hook.call(context);
	} catch (error) {
		all(suite, path, error instanceof Skip ? "skipped" : "failed", error);
		return;
	}
	for (const entry of suite.entries) {
		if ("entries" in entry) runSuite(entry, `${path} ${entry.title}`.trim());
		else runSpec(suite, entry, path);
	}
	try {
		if (!suite.skipped) for (const hook of suite.after) hook.call(context);
	} catch (error) {
		report("failed", `${path} after all`, 0, error);
	}
}

/** Makes mocha's globals. */
export function install(): void {
	Object.assign(globalThis, {
		describe: Object.assign((title: string, body: Body) => describe(title, body), {
			skip: (title: string, body: Body) => describe(title, body, true),
		}),
		it: Object.assign(it, { skip: (title: string) => it(title) }),
		before: (hook: Body) => current.before.push(hook),
		after: (hook: Body) => current.after.push(hook),
		beforeEach: (hook: Body) => current.beforeEach.push(hook),
		afterEach: (hook: Body) => current.afterEach.push(hook),
	});
}

export function run(): void {
	runSuite(top, "");
	host.print(JSON.stringify({ state: "done" }));
}
