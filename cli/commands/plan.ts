// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { openEnvelope } from "../../protocol/plan/envelope.js";
import { ID, RECORD } from "../../protocol/plan/format.js";
import { AtomicFile } from "../../site/lib/files/atomic-file.js";
import { Failure } from "../../site/lib/files/failure.js";
import { keyWith, readKeys, readLists } from "../../site/lib/keys.js";
import { CAPACITIES, type Module } from "../../site/lib/plan/capacity.js";
import {
	difference,
	type PlanImage,
	type Signing,
	signDelta,
	signSnapshot,
	snapshotFile,
} from "../../site/lib/plan/encode.js";
import { orExplain, say, show } from "../../site/lib/plan/explain.js";
import { parseDeltaFile, parsePlanFile, unsignedFile } from "../../site/lib/plan/files.js";
import { compileFile } from "../../site/lib/plan/read.js";
import { ageWarning, zoneTable } from "../../site/lib/plan/zones.js";
import { dateSeconds, wholeNumber } from "../arguments.js";

const crypto = new NodeCrypto();

interface Compile {
	readonly door: string;
	readonly planVersion: string;
	readonly notice?: number;
	readonly issued?: string;
	readonly siteKey?: string;
	readonly module: string;
	readonly out: string;
}

export function register(program: Command): void {
	const plan = program.command("plan").description("access plans: who may open which door, and when");
	plan
		.command("compile")
		.description("make of a plan file what one reader holds; signed where --site-key is given")
		.argument("<file>", "plan file (JSON; see schema/plan.schema.json)")
		.requiredOption("--door <name>", "which of its doors")
		.requiredOption("--plan-version <number>", "higher than that of any plan this reader had")
		.option(
			"--notice <number>",
			"newest revocation notice that the plan includes, with all before it; without a server none",
			wholeNumber(0, 0xffff_ffff),
		)
		.option("--issued <date>", "instead of now, as 2026-05-01T06:00Z")
		.option("--site-key <file>", "site-key.json")
		.option("--module <MB>", "flash of the reader: 4, 8 or 16", "16")
		.requiredOption("--out <file>", "where to")
		.action(orExplain(compile));
	plan
		.command("sign")
		.description("sign a compiled plan")
		.argument("<file>")
		.requiredOption("--site-key <file>", "site-key.json")
		.requiredOption("--out <file>", "where to")
		.action(
			orExplain((file: string, options: { siteKey: string; out: string }, command: Command) => {
				const { image } = parsePlanFile(read(file), crypto);
				write(options.out, sign(image, options.siteKey));
				tell(command, image, true);
			}),
		);
	plan
		.command("diff")
		.description("what changed between two plans of one door; a signed delta where --site-key is given")
		.argument("<old>")
		.argument("<new>")
		.option("--site-key <file>", "site-key.json")
		.option("--out <file>", "where the delta goes")
		.action(orExplain(diff));
	plan
		.command("inspect")
		.description(
			"say what is in a plan or delta, as JSON; with --site exit 1 where its signature is not good",
		)
		.argument("<file>")
		.option("--site <file>", "site.json")
		.action(
			orExplain((file: string, options: { site?: string }, command: Command) => {
				const shown = inspect(read(file), options.site);
				show(command, shown);
				if (options.site === undefined || shown.signature === "good") return;
				throw new Failure(
					"different",
					"bad-signature",
					`${file} is not signed by this site: ${shown.signature}`,
					"Sign it by `lintel plan sign`, or give the site.json of its site.",
				);
			}),
		);
}

function compile(file: string, options: Compile, command: Command): void {
	const { door, notice, siteKey } = options;
	const issued =
		options.issued === undefined ? Math.floor(Date.now() / 1000) : dateSeconds("--issued", options.issued);
	const image = compileFile(file, { door, version: version(options.planVersion), issued, notice });
	checkCapacity(image, options.module);
	write(options.out, siteKey === undefined ? unsignedFile(image, crypto) : sign(image, siteKey));
	const { version: tzdata } = zoneTable();
	tell(command, image, siteKey !== undefined, { tzdata });
	const old = ageWarning(Date.now() / 1000);
	if (old !== undefined) command.configureOutput().writeErr?.(`${old}\n`);
}

interface Diff {
	readonly siteKey?: string;
	readonly out?: string;
}

function diff(before: string, after: string, { out, siteKey }: Diff, command: Command): void {
	const files = [parsePlanFile(read(before), crypto), parsePlanFile(read(after), crypto)] as const;
	const [{ image: old }, { image: next }] = files;
	const { removes, revokes, puts } = difference(old.records, next.records);
	for (const id of removes) say(command, `removed ${toHex(id)}`, { removed: toHex(id) });
	for (const id of revokes) say(command, `revoked ${toHex(id)}`, { revoked: toHex(id) });
	for (const record of puts) {
		const id = toHex(record.subarray(0, ID));
		say(command, `set     ${id}`, { set: id });
	}
	if (toHex(old.tables) !== toHex(next.tables))
		say(command, "schedules, holidays, access plans or door modes changed", { tables: "changed" });
	if ((siteKey === undefined) !== (out === undefined))
		throw new RangeError("--site-key and --out go together");
	if (siteKey === undefined || out === undefined) return;
	const by = signing(siteKey, next);
	for (const { epoch = by.epoch } of files)
		if (epoch !== by.epoch)
			throw new RangeError(
				`a change goes from plan to plan of one epoch; one of these is of epoch ${epoch}, the key of ${by.epoch}: install a whole plan`,
			);
	const delta = signDelta(old, next, by);
	write(out, delta);
	const [from, to] = [old.version, next.version];
	say(command, `delta ${from} to ${to}: ${delta.length} bytes`, { delta: { from, to, bytes: delta.length } });
}

interface Inspected {
	readonly signature: string;
	readonly [name: string]: unknown;
}

function inspect(bytes: Uint8Array, sitePath: string | undefined): Inspected {
	const delta = parseDeltaFile(bytes);
	if (delta !== undefined) {
		const { site, door, epoch, baseVersion, version, notice, issued, expires, count } = delta;
		const { removes, revokes, puts } = delta;
		const signature = verdict(bytes, door, sitePath);
		return {
			kind: "delta",
			site,
			door,
			epoch,
			baseVersion,
			version,
			notice,
			...dates(issued, expires),
			count,
			removes,
			revokes,
			puts,
			signature,
		};
	}
	const { image, envelope, epoch, body } = parsePlanFile(bytes, crypto);
	const { site, door, version, notice, issued, expires, records, tables } = image;
	return {
		kind: "snapshot",
		site,
		door,
		...(epoch && { epoch }),
		version,
		notice,
		...dates(issued, expires),
		credentials: records.length / RECORD,
		tablesBytes: tables.length,
		bodyBytes: body.length,
		signature: envelope === undefined ? "none" : verdict(envelope, door, sitePath),
	};
}

function dates(issued: number, expires: number): object {
	const text = (seconds: number): string => new Date(seconds * 1000).toISOString();
	return { issued: text(issued), expires: expires === 0 ? "never" : text(expires) };
}

function verdict(envelope: Uint8Array, door: string, sitePath: string | undefined): string {
	if (sitePath === undefined) return "not checked";
	const { trust } = readLists(sitePath, crypto);
	const opened = openEnvelope(envelope, trust, door, Date.now() / 1000, crypto);
	return typeof opened === "string" ? opened : "good";
}

function checkCapacity(image: PlanImage, text: string): void {
	const module = CAPACITIES.find((c) => String(c.module) === text);
	if (module === undefined)
		throw new RangeError(`--module: ${CAPACITIES.map((c: Module) => c.module).join(", ")}`);
	const count = image.records.length / RECORD;
	if (count > module.credentials) {
		throw new RangeError(
			`${count} credentials; a reader with ${text} MB of flash holds ${module.credentials}`,
		);
	}
}

function version(text: string): number {
	const value = /^\d+$/.test(text) ? Number(text) : 0;
	if (value < 1 || value > 0xffff_ffff) throw new RangeError("--plan-version: 1 to 2^32-1");
	return value;
}

function signing(keyPath: string, { door, site }: PlanImage): Signing {
	const keys = readKeys(keyPath, crypto);
	if (keys.site !== site) throw new RangeError(`the plan is of site "${site}", the key of "${keys.site}"`);
	const { signer, kid } = keyWith(keys, "plan", door, keyPath, crypto);
	return { crypto, epoch: keys.trust.epoch, signer, kid };
}

function sign(image: PlanImage, keyPath: string): Uint8Array {
	return snapshotFile(signSnapshot(image, signing(keyPath, image)));
}

function tell(command: Command, image: PlanImage, signed: boolean, more: { tzdata?: string } = {}): void {
	const { site, door, version } = image;
	const credentials = image.records.length / RECORD;
	const zones = more.tzdata === undefined ? "" : `, time zones of tzdata ${more.tzdata}`;
	const line = `${site}/${door} version ${version}: ${credentials} credentials, ${signed ? "" : "not "}signed${zones}`;
	say(command, line, { site, door, version, credentials, signed, ...more });
}

function write(path: string, bytes: Uint8Array): void {
	const file = new AtomicFile(path);
	try {
		file.write(bytes);
	} finally {
		file.close();
	}
}

function read(path: string): Uint8Array {
	return new Uint8Array(readFileSync(path));
}
