// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { UNPROVED } from "../../cli/unproved.js";
import type { SelfTestResult } from "../../protocol/provisioning/messages.js";
import { SELF_TEST_PARTS } from "../../protocol/provisioning/tests.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import { Installation } from "./terminal.js";

const design = readFileSync(join(root, "docs/DESIGN.md"), "utf8").split("## What is not proved yet")[1]!;
const bringup = readFileSync(join(root, "docs/BRINGUP.md"), "utf8");

function result(passed: boolean | null, figures: Record<string, number> = {}): SelfTestResult {
	return { passed, detail: "as it was", figures, memory: { heap: 90_000 } };
}

describe("what a self-test answers", () => {
	it("is every line that DESIGN.md leaves open, each by its word", () => {
		const open = [...design.matchAll(/^- (?:\*\*(\w+)\*\*)?/gm)].map((match) => match[1]);
		assert.sameMembers(open, Object.keys(UNPROVED));
	});

	it("leaves what no program can tell to a step of BRINGUP.md that is there, and BRINGUP.md has every part", () => {
		const steps = [...bringup.matchAll(/^\| (\d+) \|/gm)].map((match) => match[1]);
		for (const of of Object.values(UNPROVED)) {
			const { answer, says } = of({ parts: {} });
			if (answer === "by-hand") assert.include(steps, /step (\d+)/.exec(says)![1]!);
			else assert.equal(answer, "not-tried");
		}
		for (const part of SELF_TEST_PARTS) assert.match(bringup, new RegExp(`^\\|.*\`${part}\`.*\\|`, "m"));
	});

	it("is no where a part failed, and says by how much the image fits", () => {
		const start = result(true, { image: 1_900_000, slot: 1_638_400, flashEncryption: 0, secureBoot: 0 });
		const parts = Object.fromEntries(SELF_TEST_PARTS.map((part) => [part, result(true)]));
		const answers = (more: object, portResets: boolean) =>
			Object.entries(UNPROVED).map(
				([line, of]) => `${line} ${of({ parts: { ...parts, start, ...more }, portResets }).answer}`,
			);
		const good = [
			"board yes",
			"image no",
			"radios yes",
			"time by-hand",
			"phones by-hand",
			"encryption no",
			"wifi yes",
			"port yes",
		];
		assert.deepEqual(answers({}, false), good);
		const bad = answers({ relay: result(false), nfc: result(false), wifi: result(null) }, true);
		assert.deepEqual(bad, [
			"board no",
			"image no",
			"radios no",
			"time by-hand",
			"phones by-hand",
			"encryption no",
			"wifi not-tried",
			"port no",
		]);
	});
});

describe("lintel selftest", () => {
	let site: Installation;

	beforeEach(async function () {
		needs(this, { socat: "socat" });
		site = new Installation();
		await site.reader.plug();
	});

	afterEach(() => site?.end());

	it("tries every part in its order, and writes one report with an answer to each open line", async () => {
		const asked = site.requests();
		const { code, out, err } = await site.lintel("selftest", "--out", site.file("report.json"));
		assert.equal(code, 0, err);
		assert.include(out, "ok   relay: relay works");
		assert.equal(asked.filter((name) => name === "selftest").length, SELF_TEST_PARTS.length + 1);
		const report = JSON.parse(readFileSync(site.file("report.json"), "utf8"));
		assert.deepEqual(Object.keys(report.parts), [...SELF_TEST_PARTS]);
		assert.deepEqual(Object.keys(report.unproved), Object.keys(UNPROVED));
		assert.equal(report.portResets, false);
		assert.equal(report.info.firmware, "0.1.0");
	});

	it("ends with 1 where a part fails, or where opening the port starts the reader anew", async () => {
		const { facade } = site.reader;
		const good = facade.selfTest.bind(facade);
		facade.selfTest = (part, done) => good(part, (of) => done({ ...of, passed: part !== "nfc" }));
		assert.equal((await site.lintel("selftest")).code, EXIT.different);
		let uptime = 9000;
		facade.selfTest = (part, done) =>
			good(part, (of) => {
				if (part === "start") uptime -= 4000;
				done({ ...of, figures: { uptime } });
			});
		const { code, out } = await site.lintel("selftest", "--json");
		assert.equal(code, EXIT.different);
		assert.equal(JSON.parse(out).unproved.port.answer, "no");
	});
});
