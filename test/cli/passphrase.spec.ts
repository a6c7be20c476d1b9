// SPDX-License-Identifier: Apache-2.0

import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { assert } from "chai";
import { readNewPassphrase, readPassphrase } from "../../cli/passphrase.js";
import { type CommandIo, type Output, withIo } from "../../site/lib/command-io.js";
import { Failure } from "../../site/lib/files/failure.js";

const PASSPHRASE = "correct horse battery";

/** What `read` comes to where `input` is piped in, or where a person at a terminal answers one question after the other. */
async function outcome(
	read: () => Promise<string>,
	{ answers, input = "" }: { answers?: readonly string[]; input?: string },
): Promise<{ taken?: string; failure?: Failure; shown: string }> {
	const keys = new PassThrough();
	const left = [...(answers ?? [])];
	let shown = "";
	const stream = new Writable({
		write: (chunk: Uint8Array, _encoding, done) => {
			shown += chunk;
			if (/: $/.test(shown)) keys.write(left.shift() ?? "\u0004");
			done();
		},
	});
	const isTTY = answers !== undefined;
	const output: Output = Object.assign(stream, { isTTY, columns: 80 });
	const io: CommandIo = {
		stdin: { isTTY, stream: keys, readAll: () => Buffer.from(input) },
		stdout: output,
		stderr: output,
		signals: new EventEmitter(),
		end: (signal) => keys.destroy(new Error(signal)),
	};
	try {
		return { taken: await withIo(io, read), shown };
	} catch (failure) {
		if (!(failure instanceof Failure)) throw failure;
		return { failure, shown };
	} finally {
		stream.end();
		await once(stream, "finish");
		assert.lengthOf(left, 0, "answers to what was not asked");
	}
}

describe("the passphrase of a root's key", () => {
	let folder: string;

	before(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-passphrase-"));
	});

	after(() => rmSync(folder, { recursive: true }));

	it("is asked for once, and not shown", async () => {
		const { taken, shown } = await outcome(() => readPassphrase(), { answers: [`${PASSPHRASE}\r`] });
		assert.equal(taken, PASSPHRASE);
		assert.equal(shown, "passphrase of the root's key: \n");
	});

	it("a new one is asked for twice, and shown at neither", async () => {
		const answers = [`${PASSPHRASE}\r`, `${PASSPHRASE}\r`];
		const { taken, shown } = await outcome(() => readNewPassphrase(), { answers });
		assert.equal(taken, PASSPHRASE);
		assert.equal(shown, "new passphrase of the root's key: \nnew passphrase of the root's key again: \n");
	});

	for (const [what, again] of [
		["another one", "correct horse batterz\r"],
		["nothing", "\r"],
		["the end of the input", "\u0004"],
	] as const)
		it(`a new one that is followed by ${what} is not taken`, async () => {
			const answers = [`${PASSPHRASE}\r`, again];
			const { failure, shown } = await outcome(() => readNewPassphrase(), { answers });
			assert.equal(failure?.reason, "typed-differently");
			assert.notMatch(shown + failure?.message + failure?.advice, /horse/);
		});

	it("a new one of 9 characters is refused with advice before it is asked for again, from wherever it comes", async () => {
		const file = join(folder, "short");
		writeFileSync(file, "ninechars\n");
		for (const [from, given] of [
			[undefined, { answers: ["ninechars\r"] }],
			[undefined, { input: "ninechars\n" }],
			[file, {}],
		] as const) {
			const { failure, shown } = await outcome(() => readNewPassphrase(from), given);
			assert.equal(failure?.reason, "short-passphrase");
			assert.match(failure?.message ?? "", /9 characters; it takes 10/);
			assert.match(failure?.advice ?? "", /five words/);
			assert.notInclude(shown + failure?.message + failure?.advice, "ninechars");
		}
	});

	it("comes from a file's first line, also at a terminal, or from a pipe, and is asked for at neither", async () => {
		const file = join(folder, "passphrase");
		writeFileSync(file, `${PASSPHRASE}\r\nand more\n`);
		for (const read of [readPassphrase, readNewPassphrase]) {
			const atTerminal = await outcome(() => read(file), { answers: [] });
			const piped = await outcome(() => read("-"), { input: `${PASSPHRASE}\n` });
			for (const { taken, shown } of [atTerminal, piped]) {
				assert.equal(taken, PASSPHRASE);
				assert.equal(shown, "");
			}
		}
	});

	it("given in place of the file's name it is refused, and not repeated", async () => {
		const { failure, shown } = await outcome(() => readPassphrase("hunter2 hunter2"), {});
		assert.equal(failure?.reason, "unreadable");
		assert.notInclude(shown + failure?.message + failure?.advice, "hunter2");
	});
});
