// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync } from "node:fs";
import { assert } from "chai";
import { EXIT } from "../../site/lib/files/failure.js";
import { needs } from "../sim/installed.js";
import { HANGS_MS } from "../support/until.js";
import { type Installation, plugIn } from "./terminal.js";

const CTRL_C = "\u0003";
const QUESTION = /\[y\/N\] /;

describe("what lintel asks at a terminal", function () {
	this.timeout(2 * HANGS_MS);
	let site: Installation;
	let args: string[];

	before(function () {
		needs(this, { script: "bsdutils" });
	});

	plugIn(1, ([made]) => {
		site = made!;
	});

	beforeEach(async () => {
		const key = ["--site-key", site.file("key.json")];
		const { code, err } = await site.lintel("commission", site.file("door.json"), ...key);
		assert.equal(code, 0, err);
		args = ["reset", ...key, "--port", site.reader.path];
	});

	for (const [what, keys, exit] of [
		["n", "n\r", EXIT.usage],
		["no", "no\r", EXIT.usage],
		["nothing", "\r", EXIT.usage],
		["nearly yes", "yess\r", EXIT.usage],
		["yes and no", "y n\r", EXIT.usage],
		["the end of the input", "\u0004", EXIT.usage],
		["Ctrl-C", CTRL_C, 130],
	] as const)
		it(`erases nothing where the answer is ${what}`, async () => {
			const seen = site.requests();
			const at = (keys === CTRL_C ? site.atTerminal : site.answer).bind(site);
			const { code, out } = await at(args, [QUESTION, keys]);
			assert.equal(code, exit, out);
			if (exit === EXIT.usage) assert.match(out, /\nlintel: nothing was erased\r?\n {2}Answer yes/);
			assert.notInclude(seen, "reset");
			assert.equal(site.reader.store.membership?.door, "FRONT");
		});

	for (const yes of ["y", "Y", "yes"])
		it(`erases where the answer is ${yes}`, async () => {
			const { code, out } = await (yes === "yes"
				? site.atTerminal(args, [QUESTION, `${yes}\r`])
				: site.answer(args, [QUESTION, `${yes}\r`]));
			assert.equal(code, 0, out);
			assert.isUndefined(site.reader.store.membership);
		});

	it("asks nothing where nobody can answer, or nobody would see the question", async () => {
		const seen = site.requests();
		const err = site.file("err");
		for (const redirected of ["</dev/null", `2>${err}`]) {
			const { code, out } = await site.atTerminal([...args, redirected], [QUESTION, "y\r"]);
			assert.equal(code, EXIT.usage, out);
			const said = existsSync(err) ? readFileSync(err, "utf8") : out;
			assert.match(said, /^lintel: this erases the reader\r?\n {2}Give --yes/);
			assert.notMatch(out, QUESTION);
			assert.deepEqual(seen, []);
		}
	});

	it("asks for no password where nobody can answer or see the question, and takes no empty one", async () => {
		const join = [
			"wifi",
			"join",
			"Building",
			"--site-key",
			site.file("key.json"),
			"--port",
			site.reader.path,
		];
		const asked = /password: /;
		const nobody = await site.atTerminal([...join, "</dev/null"], [asked, "x\r"]);
		assert.equal(nobody.code, EXIT.input, nobody.out);
		assert.notMatch(nobody.out, asked);
		// What is typed would be shown.
		for (const more of [[], ["--password", "-"]]) {
			const blind = await site.atTerminal([...join, ...more, `2>${site.file("err")}`], [asked, "x\r"]);
			assert.equal(blind.code, EXIT.usage, blind.out);
			assert.match(readFileSync(site.file("err"), "utf8"), /cannot ask for the Wi-Fi password/);
		}
		for (const keys of ["\r", "\u0004"]) {
			const { code, out } = await site.atTerminal(join, [asked, keys]);
			assert.equal(code, EXIT.input, out);
			assert.match(out, /the Wi-Fi password is empty/);
		}
		assert.isUndefined(site.reader.store.wifi);
		const dash = await site.atTerminal([...join, "--password", "-"], [asked, "correct horse\r"]);
		assert.equal(dash.code, 0, dash.out);
		assert.notInclude(dash.out, "horse");
	});
});
