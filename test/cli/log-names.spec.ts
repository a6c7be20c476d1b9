// SPDX-License-Identifier: Apache-2.0

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { fromHex } from "../../protocol/bytes.js";
import { EVENTS } from "../../protocol/events.js";
import { SimFlash } from "../../sim/flash.js";
import { VirtualTime } from "../../sim/time.js";
import { EXIT } from "../../site/lib/files/failure.js";
import { AuditLog } from "../../src/log/log.js";
import { root } from "../support/host.js";
import { type Ended, Lintel } from "./lintel.js";
import { Installation, plugIn } from "./terminal.js";

const PLAN = join(root, "examples/plan.json");
/** Of examples/plan.json. */
const GRACE = fromHex("2b7d9ce0114f6685");
const STRANGER = fromHex("00112233445566ff");
/** 2026-07-01T06:00Z is 08:00 in Vienna; in winter 07:00. */
const SUMMER = Date.UTC(2026, 6, 1, 6) / 1000;
const WINTER = Date.UTC(2026, 11, 1, 6) / 1000;

/** The image of a log: a tap an hour from the summer's morning on, one of a stranger, one while the clock is unset, one in winter. */
function image(): Uint8Array {
	const flash = new SimFlash({ size: 4 * 4096 });
	let now = SUMMER;
	let trust: "synced" | "unset" = "synced";
	const log = new AuditLog({
		flash,
		crypto: new NodeCrypto(),
		clock: new VirtualTime(),
		wall: { now: () => now, trust: () => trust, set: () => {} },
		reader: new Uint8Array(8),
		sign: undefined,
	});
	log.open("power-on");
	for (const subject of [GRACE, GRACE, STRANGER]) {
		log.append(EVENTS.decision, 0, 1, subject);
		now += 3600;
	}
	trust = "unset";
	log.append(EVENTS.decision, 0, 1, GRACE);
	trust = "synced";
	now = WINTER;
	log.append(EVENTS.decision, 0, 1, GRACE);
	return flash.snapshot();
}

describe("lintel log export with a plan file", () => {
	let files: Installation;

	beforeEach(() => {
		files = new Installation();
		writeFileSync(files.file("log.bin"), image());
	});

	afterEach(() => files.end());

	const run = (...args: string[]): Promise<Ended> =>
		files.run(["log", "export", "--image", files.file("log.bin"), ...args]);

	async function lines(...args: string[]): Promise<Record<string, unknown>[]> {
		const { code, err, out } = await run(...args);
		assert.equal(code, 0, err);
		return out
			.split("\n")
			.filter(Boolean)
			.map((line) => JSON.parse(line) as Record<string, unknown>);
	}

	it("has person, door and the site's time of day, in both formats, and still verifies", async () => {
		const told = await lines("--plan", PLAN, "--door", "front");
		assert.deepEqual(
			told.map(({ serial, local, door, person }) => [serial, local, door, person]),
			[
				[1, "2026-07-01T08:00:00+02:00", "front", ""],
				[2, "2026-07-01T08:00:00+02:00", "front", "Grace"],
				[3, "2026-07-01T09:00:00+02:00", "front", "Grace"],
				[4, "2026-07-01T10:00:00+02:00", "front", ""],
				[5, "", "front", "Grace"],
				[6, "2026-12-01T07:00:00+01:00", "front", "Grace"],
			],
		);
		const { out: csv } = await run("--plan", PLAN, "--door", "front", "--format", "csv");
		const [header, , second] = csv.split("\r\n");
		assert.equal(header, "serial,time,trust,event,what,detail,value,subject,link,local,door,person");
		assert.match(second!, /^2,2026-07-01T06:00:00Z,.*,2026-07-01T08:00:00\+02:00,front,Grace$/);
		writeFileSync(files.file("named.jsonl"), (await run("--plan", PLAN)).out);
		const checked = await files.run(["log", "verify", "--export", files.file("named.jsonl")]);
		assert.equal(checked.code, 0, checked.out);
		assert.notProperty((await lines())[0], "person", "without a plan file as before");
	});

	it("takes dates and serials for its bounds, in the site's time where the plan says it, and loses nothing between", async () => {
		const serials = async (...args: string[]) => (await lines(...args)).map(({ serial }) => serial);
		const plan = ["--plan", PLAN];
		assert.deepEqual(await serials("--since", "3"), [3, 4, 5, 6]);
		assert.deepEqual(await serials("--since", "2", "--until", "4"), [2, 3]);
		assert.deepEqual(await serials("--since", "2026-07-01T07:00Z"), [3, 4, 5, 6]);
		assert.deepEqual(await serials("--since", "2026-07-01T07:00"), [3, 4, 5, 6], "UTC without a plan");
		assert.deepEqual(await serials("--since", "2026-07-01T09:00", ...plan), [3, 4, 5, 6]);
		assert.deepEqual(await serials("--since", "2026-07-01T10:00+02:00", "--until", "2026-08-01"), [4]);
		assert.deepEqual(await serials("--since", "2026-07-02"), [6], "none whose clock was unset before it");
		assert.deepEqual(await serials("--until", "2026-06-30"), []);
		assert.deepEqual(
			await serials("--since", "2026-07-01T10:00", "--until", "2026-12-02", ...plan),
			[4, 5, 6],
		);
		writeFileSync(files.file("part.jsonl"), (await run("--since", "2026-07-01T07:00Z")).out);
		const checked = await files.run(["log", "verify", "--export", files.file("part.jsonl")]);
		assert.equal(checked.code, 0, checked.out);
		for (const wrong of ["yesterday", "2026-02-30", "-1"]) {
			const { code, err } = await run(`--since=${wrong}`);
			assert.equal(code, EXIT.usage, wrong);
			assert.match(err, /--since: ".*" is no date; write 2026-05-01T06:00Z, or a serial number/);
		}
	});

	it("says of a plan file what is wrong with it, before it reads a log", async () => {
		for (const file of ["door.json", "key.json"]) {
			const { code, err } = await run("--plan", files.file(file));
			assert.equal(code, EXIT.input, file);
			assert.include(err, files.file(file));
		}
	});
});

describe("lintel watch with a plan file", () => {
	let site: Installation;

	plugIn(1, ([made]) => {
		site = made!;
	});

	it("says that it watches, then who came, to which door and when", async () => {
		await site.lintel("commission", site.file("door.json"), "--site-key", site.file("key.json"));
		const { facade } = site.reader;
		const watch = facade.watch.bind(facade);
		facade.watch = (sink) => {
			watch(sink);
			if (sink !== undefined) facade.record(EVENTS.decision, 0, 1, GRACE);
		};
		const key = ["--site-key", site.file("key.json"), "--port", site.reader.path];
		for (const more of [[], ["--plan", PLAN], ["--plan", PLAN, "--json"]]) {
			const lintel: Lintel = new Lintel(["watch", ...key, ...more], { said: () => lintel.interrupt() });
			const { code, err, out } = await lintel.ended;
			assert.equal(code, 0, err);
			assert.match(err, /^watches door FRONT until Ctrl-C$/m);
			if (more.length === 0)
				assert.equal(out, "event: decision  what: granted by nfc  credential: 2b7d9ce0114f6685\n");
			else if (more.length === 2)
				assert.match(
					out,
					/^event: decision {2}what: granted by nfc {2}credential: 2b7d9ce0114f6685 {2}person: Grace {2}door: FRONT {2}local: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00\n$/,
				);
			else assert.deepInclude(JSON.parse(out), { event: "decision", person: "Grace", door: "FRONT" });
		}
	});
});
