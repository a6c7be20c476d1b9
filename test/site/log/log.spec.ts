// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { toHex } from "../../../protocol/bytes.js";
import { EVENTS } from "../../../protocol/events.js";
import { EXIT } from "../../../site/lib/files/failure.js";
import { type Ended, Lintel } from "../../cli/lintel.js";
import { key, logWorld } from "../../src/log/world.js";

const ANN = Uint8Array.of(0xa1, 2, 3, 4, 5, 6, 7, 8);

/** Runs `lintel log …` in this process: what it printed and its exit code. */
function lintel(...args: string[]): Promise<Ended> {
	return new Lintel(["log", ...args]).ended;
}

describe("lintel log", () => {
	let folder: string;
	let image: string;
	let bytes: Uint8Array;
	let link: Uint8Array;

	before(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-log-"));
		image = join(folder, "log.bin");
		const world = logWorld(4, 4096);
		const log = world.start();
		log.append(EVENTS.decision, 0x1000, 12, ANN);
		log.append(EVENTS["door-opened"], 1, 1);
		log.append(EVENTS.decision, 0x0121, 12, ANN);
		for (let i = 0; i < 200; i++) log.append(EVENTS["door-closed"], 0, 0);
		link = log.link();
		bytes = world.flash.snapshot();
		writeFileSync(image, bytes);
	});

	after(() => rmSync(folder, { recursive: true }));

	it("exports JSON lines", async () => {
		const { code, out } = await lintel("export", "--image", image);
		assert.equal(code, 0);
		const lines = out
			.trimEnd()
			.split("\n")
			.map((line) => JSON.parse(line));
		assert.lengthOf(lines, 204);
		assert.deepInclude(lines[1], {
			serial: 2,
			time: "2027-01-15T08:00:00Z",
			trust: "synced",
			event: "decision",
			what: "granted by nfc extended",
			value: 12,
			subject: toHex(ANN),
		});
		assert.equal(lines[3].what, "denied revoked by ble");
	});

	it("exports CSV, one header, nine fields a row", async () => {
		const { out } = await lintel("export", "--image", image, "--format", "csv", "--since", "3");
		const rows = out.split("\r\n");
		assert.equal(rows.pop(), "");
		assert.equal(rows[0], "serial,time,trust,event,what,detail,value,subject,link");
		assert.lengthOf(rows, 1 + 202);
		for (const row of rows) assert.lengthOf(row.split(","), 9);
		assert.match(rows[1]!, /^3,2027-01-15T08:00:00Z,synced,door-opened,grant,1,1,0000000000000000,/);
	});

	it("verifies, with signatures and the site's cursor", async () => {
		const { code, out } = await lintel(
			...["verify", "--image", image, "--reader-key", toHex(key.publicKey)],
			...["--acknowledged", `204:${toHex(link)}`],
		);
		assert.equal(code, 0, out);
		assert.match(out, /^intact\n204 records, serials 1 to 204, in 2 sectors\n/);
		const other = await lintel("verify", "--image", image, "--reader-key", "00".repeat(32));
		assert.equal(other.code, 1);
		assert.match(other.out, /other-reader/);
	});

	it("names the first bad or missing serial and exits 1", async () => {
		const bad = join(folder, "bad.bin");
		const changed = bytes.slice();
		changed[160 + 32 * 99 + 13]! ^= 0x10;
		writeFileSync(bad, changed);
		const { code, out } = await lintel("verify", "--image", bad, "--json");
		assert.equal(code, 1);
		assert.deepInclude(JSON.parse(out).problems[0], { reason: "bad-record", from: 100, to: 100 });
		const words = await lintel("verify", "--image", bad);
		assert.match(words.out, /bad-record: serials 100 to 100, sector 0/);
		const left = await lintel("export", "--image", bad);
		assert.equal(left.code, 0);
		assert.notInclude(left.out, '"serial":100,');
		assert.include(left.err, "not intact");
		assert.equal((await lintel("export", "--image", image)).err, "");
		const old = await lintel("verify", "--image", image, "--acknowledged", "500");
		assert.equal(old.code, 1);
		assert.match(old.out, /^NOT INTACT: first bad or missing serial 205 \(behind-site\)/);
	});

	it("refuses what is no image, no key, no format", async () => {
		const short = join(folder, "short.bin");
		writeFileSync(short, bytes.subarray(0, 5000));
		for (const [code, args] of [
			[EXIT.input, ["verify", "--image", short]],
			[EXIT.usage, ["verify", "--image", image, "--reader-key", "zz"]],
			[EXIT.usage, ["verify", "--image", image, "--acknowledged", "x"]],
			[EXIT.usage, ["export", "--image", image, "--format", "xml"]],
		] as const)
			assert.equal((await lintel(...args)).code, code, args.join(" "));
	});
});
