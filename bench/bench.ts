// SPDX-License-Identifier: Apache-2.0

/** `npm run bench [-- --json]`: what the firmware costs on the desktop's XS and on Node, in one run. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { NodeCrypto } from "../hal/node/crypto.js";
import { runTap } from "../sim/scenario.js";
import { build, cache, root } from "../tools/xs/build.js";
import { moduleGraph, writeMap } from "../tools/xs/modules.js";
import { record, SIZES } from "./lookup-recording.js";

function onXs<T>(program: string, name: string, ...more: string[]): T {
	const main = join(root, `build/bench/${name}.js`);
	const map = writeMap(`bench/${name}`, moduleGraph([main]));
	return JSON.parse(execFileSync(program, ["--map", map, main, ...more], { encoding: "utf8" })) as T;
}

/** ms of a whole tap in a fresh world: reader, phone, chip and site together. */
function tapOnNode(): number {
	let least = Number.POSITIVE_INFINITY;
	for (let seed = 1; seed <= 5; seed++) {
		const start = process.hrtime.bigint();
		const { decision } = runTap({ crypto: new NodeCrypto(), link: "nfc", phone: "valid", suite: 4, seed });
		if (decision !== "granted") throw new Error(`the tap was ${decision}`);
		least = Math.min(least, Number(process.hrtime.bigint() - start) / 1e6);
	}
	return least;
}

/** The least by which native public-key work has to pay; it is some 2,500 times. */
const LEAST_RATIO = 300;

const program = build("host");
const ed25519 = onXs<{ native: number; portable: number }>(program, "ed25519");
const { tap: xsTap } = onXs<{ tap: number }>(program, "tap");
const nodeTap = tapOnNode();
const recordings = SIZES.map(record);
const recorded = join(cache, "lookup.json");
writeFileSync(recorded, JSON.stringify(recordings));
const onHost = onXs<{ costs: { credentials: number; cost: number }[] }>(program, "lookup", recorded);
const lookups = recordings.map(({ credentials, meanReads, maxReads, nodeMicros }, i) => ({
	credentials,
	flashReads: Math.round(meanReads * 10) / 10,
	flashReadsMost: maxReads,
	xsMicros: onHost.costs[i]!.cost,
	nodeMicros: Math.round(nodeMicros * 10) / 10,
}));
const results = {
	ed25519VerifyRatio: Math.round(ed25519.portable / ed25519.native),
	ed25519VerifyNativeMicros: Math.round(ed25519.native),
	ed25519VerifyTweetnaclMicros: Math.round(ed25519.portable),
	worldTapXsMs: Math.round(xsTap * 10) / 10,
	worldTapNodeMs: Math.round(nodeTap * 10) / 10,
	lookups,
};
if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify(results)}\n`);
else
	process.stdout.write(
		[
			`Ed25519 verification on XS   native ${results.ed25519VerifyNativeMicros} µs, tweetnacl-ts ${results.ed25519VerifyTweetnaclMicros} µs: ${results.ed25519VerifyRatio} times`,
			...lookups.map(
				(l) =>
					`lookup among ${String(l.credentials).padStart(6)} credentials: ${l.flashReads} flash reads (at most ${l.flashReadsMost}), XS ${l.xsMicros} µs, Node ${l.nodeMicros} µs`,
			),
			`one tap with its whole world XS ${results.worldTapXsMs} ms, Node ${results.worldTapNodeMs} ms`,
			"",
		].join("\n"),
	);
if (results.ed25519VerifyRatio < LEAST_RATIO) {
	process.stderr.write(`bench: native Ed25519 is less than ${LEAST_RATIO} times tweetnacl-ts\n`);
	process.exitCode = 1;
}
