// SPDX-License-Identifier: Apache-2.0

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { type CborValue, decodeValue } from "../../protocol/cbor/value.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { verifyReader } from "../../protocol/credential/credential.js";
import { issueCredential } from "../../protocol/credential/issue.js";
import { eventName } from "../../protocol/events.js";
import { FrameDemux } from "../../protocol/provisioning/demux.js";
import { KIND } from "../../protocol/provisioning/frame.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import { SeededRandom } from "../../sim/random.js";
import type { SelfContents } from "../../sim/self.js";
import { verifyLines } from "../../site/lib/log/lines.js";
import { engineFor, needs } from "../sim/installed.js";
import { root } from "../support/host.js";
import { DeviceReader, Installation } from "./terminal.js";

interface Job {
	readonly args: readonly string[];
	/** Of a reader from the factory; else of one that has its site. */
	readonly factory?: boolean;
	/** Of one whose credentials have ended. */
	readonly ended?: boolean;
	/** Requests whose replies are lost, one in each run; all of them where this is absent. */
	readonly lost?: readonly string[];
	/** One in so many of them. */
	readonly every?: number;
	readonly onXs?: boolean;
	/** Standard output is the log, which has what happened meanwhile in it: judged by itself. */
	readonly log?: boolean;
}

const JOBS: readonly Job[] = [
	{ args: ["commission", "door.json"], factory: true, onXs: true },
	{ args: ["certify", "--yes"], ended: true },
	{ args: ["apply", "new.json"], onXs: true },
	{ args: ["restart"], lost: ["restart"] },
	{ args: ["reset", "--yes"], lost: ["reset"] },
	{ args: ["time", "set", "--at", "2026-05-01T06:00Z"], lost: ["time"] },
	{ args: ["test", "relay"], lost: ["test"] },
	{ args: ["wifi", "join", "Building", "--password", "password"], lost: ["wifi-join"] },
	{ args: ["server", "set", "broker.example", "--password", "password"], lost: ["server"] },
	{ args: ["apply", "--all", "bench.json"], every: 2 },
	{ args: ["log", "export"], lost: ["log"], every: 4, log: true },
	{ args: ["install-plan", "front.plan"], lost: ["plan-begin", "plan-write", "plan-commit"] },
];

/** As many at once: each waits for its reader, and on XS for engines that are programs of their own. */
const WIDTH = { Node: 10, XS: 3 };

/** What a run leaves. */
interface Outcome {
	readonly code: number | null;
	out: readonly unknown[];
	readonly err: string;
	/** Names of the requests, repeats left out. */
	readonly requests: readonly string[];
	/** The reply was lost. */
	readonly hit: boolean;
	readonly strikeTime: number | undefined;
	readonly relayMoved: number;
	readonly restarts: number;
	readonly plan: number;
}

describe("lintel, where a reply is lost", function () {
	this.timeout(240_000);
	const ends: (() => void)[] = [];
	let site: Installation;
	/** What a commissioned reader keeps. */
	let flash: SelfContents;
	/** The same where its credentials have ended. */
	let ended: SelfContents;

	before(async function () {
		needs(this, { socat: "socat" });
		site = new Installation();
		ends.push(() => site.end());
		const doors = readFileSync(join(root, "examples/plan.json"), "utf8");
		writeFileSync(site.file("plan.json"), doors.replaceAll('"front"', '"FRONT"'));
		writeFileSync(site.file("password"), "correct horse\n");
		site.write("new.json", { id: "FRONT", name: "Front door", door: { strikeTime: 9 } });
		const key = ["--site-key", site.file("key.json")];
		await site.reader.plug();
		const { code, err } = await site.lintel("commission", site.file("door.json"), ...key);
		assert.equal(code, 0, err);
		flash = site.reader.self.snapshot();
		const { keys } = site.reader.store;
		const by = signer(site.site.crypto, EDDSA, site.site.office.secretKey);
		const fields = { issuer: "ACME", subject: "FRONT", id: new Uint8Array(8), expires: 1_600_000_000 };
		site.reader.store.setCredentials(keys!.map((own) => issueCredential({ ...fields, key: own }, by)));
		ended = site.reader.self.snapshot();
		const plan = ["plan", "compile", site.file("plan.json"), "--door", "FRONT", "--plan-version", "1"];
		const compiled = await site.run([...plan, "--out", site.file("front.plan"), ...key]);
		assert.equal(compiled.code, 0, compiled.err);
	});

	after(() => {
		for (const end of ends.splice(0)) end();
	});

	/** One run, in which the reply to request number `lose` never arrives, once. */
	async function run(job: Job, lose: number | undefined, engine?: XsEngine): Promise<Outcome> {
		const reader = new DeviceReader(engine, job.factory ? undefined : job.ended ? ended : flash);
		const { console: port, door } = reader.world;
		try {
			await reader.plug();
			const requests: string[] = [];
			let seen = "";
			let losing = false;
			let hit = false;
			const asked = new FrameDemux({
				onFrame: ({ client, number, payload }) => {
					const which = `${toHex(client)} ${number}`;
					if (which === seen) return;
					seen = which;
					losing = requests.length === lose;
					requests.push(String((decodeValue(payload) as readonly CborValue[])[0]));
				},
			});
			const { feed } = reader.provisioning;
			reader.provisioning.feed = (bytes) => {
				asked.feed(bytes);
				feed(bytes);
			};
			const answered = new FrameDemux({
				onFrame: ({ kind }) => {
					if (kind === KIND.event) return;
					hit = true;
					losing = false;
				},
			});
			const { onHost } = port;
			port.onHost = (...args) => {
				if (losing) answered.feed(args[0]);
				else onHost?.(...args);
			};
			let relayMoved = 0;
			door.relay.watch(() => {
				if (door.relay.on) relayMoved++;
			});
			const files = new Set(["door.json", "new.json", "password", "front.plan"]);
			const { path } = reader;
			// One list a reader, as several are at work at once.
			const bench = `${basename(dirname(path))}.json`;
			site.write(bench, { readers: [{ port: path, configuration: "new.json" }] });
			rmSync(site.file(`${bench}.done`), { force: true });
			const args = job.args.map((arg) =>
				arg === "bench.json" ? site.file(bench) : files.has(arg) ? site.file(arg) : arg,
			);
			if (!args.includes("--all")) args.push("--port", path);
			args.push("--site-key", site.file("key.json"), "--json");
			const { code, out, err } = await site.run(args);
			// What it has begun comes to its end.
			reader.unplug();
			reader.world.time.run(1000);
			const store = reader.self.open(new NodeCrypto(), new SeededRandom(1));
			assert.isFalse(store.damaged);
			const log = reader.world.auditor.entries();
			const [credential] = store.membership?.credentials ?? [];
			// Each run draws another.
			const id = credential && toHex(verifyReader(credential, site.site.trust, site.site.crypto).id);
			return {
				code,
				out: out
					.split("\n")
					.filter(Boolean)
					.map((line) => JSON.parse(line.replaceAll(path, "PORT").replaceAll(id ?? path, "ID"))),
				err,
				requests,
				hit,
				strikeTime: store.config?.door.strikeTime,
				relayMoved,
				restarts: log.filter(({ kind }) => eventName(kind) === "restart").length - 1,
				plan: log.filter(({ kind, detail }) => eventName(kind) === "plan" && detail === 0).length,
			};
		} finally {
			reader.unplug();
		}
	}

	/** An export of the whole log. */
	function judge(out: readonly unknown[], least: number, what: string): void {
		const lines = out.map((line) => `${JSON.stringify(line)}\n`).join("");
		assert.isTrue(verifyLines(lines, new NodeCrypto()).intact, what);
		assert.isAtLeast(out.length, least, what);
	}

	for (const name of ["Node", "XS"] as const)
		for (const job of JOBS.filter(({ onXs }) => name === "Node" || onXs))
			it(`${job.args.slice(0, 2).join(" ")}, the firmware on ${name}: ends as if nothing had been lost`, async function () {
				const engines = Array.from({ length: WIDTH[name] }, () =>
					name === "XS" ? engineFor(this) : undefined,
				);
				try {
					const whole = await run(job, undefined, engines[0]);
					assert.equal(whole.code, 0, whole.err);
					const at = [...whole.requests.keys()].filter(
						(n) => job.lost === undefined || job.lost.includes(whole.requests[n]!),
					);
					assert.isAtLeast(at.length, job.lost?.length ?? 5);
					const { every = 1 } = job;
					const lose = at.filter((_, n) => n % every === 0);
					const work = async (engine: XsEngine | undefined): Promise<void> => {
						for (let n = lose.shift(); n !== undefined; n = lose.shift()) {
							const what = `without the reply to ${whole.requests[n]}`;
							const outcome = await run(job, n, engine);
							assert.isTrue(outcome.hit, what);
							assert.equal(outcome.code, 0, `${what}: ${JSON.stringify(outcome.out)}`);
							const { hit: _, err: __, requests: ___, restarts, ...left } = outcome;
							const { hit, err, requests, restarts: usual, ...expected } = whole;
							if (job.log) {
								judge(outcome.out, whole.out.length, what);
								left.out = expected.out = [];
							}
							assert.deepEqual(left, expected, `${what}: ${outcome.err}`);
							// A reader that was reset already is reset again by the repeat.
							assert.isAtMost(restarts, usual + (whole.requests[n] === "reset" ? 1 : 0), what);
						}
					};
					for (const result of await Promise.allSettled(engines.map(work)))
						if (result.status === "rejected") throw result.reason;
				} finally {
					for (const engine of engines) engine?.close();
				}
			});

	it("install-plan, given again after a cable that went with its last reply: the plan is in force already", async () => {
		const reader = new DeviceReader(undefined, flash);
		try {
			await reader.plug();
			const args = ["install-plan", site.file("front.plan"), "--site-key", site.file("key.json"), "--json"];
			const outs: unknown[] = [];
			for (let n = 0; n < 2; n++) {
				const { code, out, err } = await site.at(reader.path, ...args);
				assert.equal(code, 0, err);
				outs.push(JSON.parse(out));
			}
			assert.deepEqual(outs, [
				{ installed: true, changed: true, epoch: 1, version: 1, credentials: 4 },
				{ installed: true, changed: false, epoch: 1, version: 1, credentials: 4 },
			]);
		} finally {
			reader.unplug();
		}
	});
});
