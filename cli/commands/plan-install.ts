// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { equal } from "../../protocol/bytes.js";
import { orderOf, RECORD } from "../../protocol/plan/format.js";
import { MAX_PLAN_BYTES } from "../../protocol/provisioning/bounds.js";
import type { PlanState, ReaderState } from "../../protocol/provisioning/messages.js";
import { Failure } from "../../site/lib/files/failure.js";
import { PlanFileError, parseDeltaFile, parsePlanFile } from "../../site/lib/plan/files.js";
import type { Requester } from "../../site/lib/provisioning/client.js";
import { isRefused } from "../../site/lib/provisioning/errors.js";
import { installDelta, installPlan } from "../../site/lib/provisioning/install-plan.js";
import { planName } from "../labels.js";
import { print, progress } from "../output.js";
import { isAttended, isYes } from "../prompt.js";
import { withAuthority } from "../reader.js";
import { type ReaderOptions, readerOptions } from "../reader-options.js";

interface InstallOptions extends ReaderOptions {
	readonly yes?: boolean;
}

/** A signed plan, or a signed change to one, as a reader is given it. */
interface Signed {
	readonly door: string;
	readonly epoch: number;
	readonly version: number;
	readonly issued: number;
	readonly expires: number;
	/** Credentials in the plan, or in it after the change. */
	readonly count: number;
	/** SHA-256 of the body, of the plan or as it is after the change. */
	readonly hash: Uint8Array;
	/** `sent` is called once the reader may have it. */
	readonly install: (reader: Requester, sent: () => void) => Promise<PlanState>;
}

/** `lintel install-plan`: plans and changes for a reader that is not on the network. */
export function register(program: Command): void {
	readerOptions(program.command("install-plan <file>"))
		.description("put a signed plan, or a signed change (`lintel plan diff`), into the reader by cable")
		.option("--yes", "install a plan without credentials without a question")
		.action(install);
}

async function install(file: string, options: InstallOptions, command: Command): Promise<void> {
	const plan = readSigned(file);
	refuseEnded(file, plan.expires);
	if (plan.count === 0 && !options.yes) await confirmEmpty(file);
	let sent = false;
	const tell = (changed: boolean, { count: credentials, epoch, version }: PlanState): void =>
		print(command, { installed: true, changed, epoch, version, credentials }, [
			`plan ${planName(epoch, version)} is in force${changed ? "" : " already"}: ${credentials} credentials`,
		]);
	await withAuthority({ ...options, door: plan.door }, async (reader) => {
		try {
			const state = await plan.install(reader, () => {
				sent = true;
			});
			if (orderOf(state) < orderOf(plan)) ahead(command, plan, state);
			else tell(true, state);
		} catch (error) {
			if (!isRefused(error, "plan-refused")) throw error;
			const state = await reader.request("state");
			if (!isInForce(plan, state)) throw error;
			// By this run, where the reader could not say so any more, or by one that lost its cable.
			tell(sent, { epoch: plan.epoch, version: plan.version, count: state.credentials ?? 0 });
		}
	});
}

/** A revocation holds at once; the changes between are not there yet. */
function ahead(command: Command, revoked: Signed, { count: credentials, epoch, version }: PlanState): void {
	const of = planName(revoked.epoch, revoked.version);
	print(
		command,
		{ installed: true, changed: true, epoch, version, credentials, revokedAhead: revoked.version },
		[
			`what version ${of} revokes is revoked; plan ${planName(epoch, version)} is in force until the changes before ${of} come: ${credentials} credentials`,
		],
	);
}

/** Readers that do not tell a plan's hash cannot say. */
function isInForce({ epoch, expires, hash, issued, version }: Signed, state: ReaderState): boolean {
	return (
		state.planEpoch === epoch &&
		state.plan === version &&
		state.planIssued === issued &&
		state.planExpires === expires &&
		state.planHash instanceof Uint8Array &&
		equal(state.planHash, hash)
	);
}

function readSigned(file: string): Signed {
	try {
		const bytes = new Uint8Array(readFileSync(file));
		return signedDelta(file, bytes) ?? signedPlan(file, bytes);
	} catch (error) {
		if (error instanceof PlanFileError || (error as NodeJS.ErrnoException).code !== undefined)
			throw new Failure(
				"input",
				"bad-plan",
				`${file}: ${(error as Error).message}`,
				"Make it by `lintel plan compile`, or a change by `lintel plan diff`.",
			);
		throw error;
	}
}

function signedDelta(file: string, bytes: Uint8Array): Signed | undefined {
	const delta = parseDeltaFile(bytes);
	if (delta === undefined) return undefined;
	if (bytes.length > MAX_PLAN_BYTES)
		throw new Failure(
			"input",
			"long-change",
			`the change in ${file} has ${bytes.length} bytes; a reader takes ${MAX_PLAN_BYTES} at once by cable`,
			"Give the whole plan that it leads to, by `lintel plan compile`.",
		);
	const { bodyHash: hash, count, door, epoch, expires, issued, version } = delta;
	return {
		...{ door, epoch, version, issued, expires, count, hash },
		install: (reader, sent) =>
			installDelta(reader, bytes).catch((error: unknown) => {
				if (!isRefused(error, "plan-refused")) sent();
				throw error;
			}),
	};
}

function signedPlan(file: string, bytes: Uint8Array): Signed {
	const crypto = new NodeCrypto();
	const { body, envelope, epoch, image } = parsePlanFile(bytes, crypto);
	if (envelope === undefined || epoch === undefined)
		throw new Failure(
			"input",
			"unsigned-plan",
			`${file} is not signed`,
			"Sign it: `lintel plan sign --site-key site-key.json`.",
		);
	const { door, expires, issued, records, version } = image;
	return {
		...{ door, epoch, version, issued, expires, count: records.length / RECORD, hash: crypto.sha256(body) },
		install: (reader, sent) =>
			installPlan(reader, { envelope, body }, (done) => {
				sent();
				progress("plan", done, body.length);
			}),
	};
}

/** The reader would take it, and then open for no phone. */
function refuseEnded(file: string, expires: number): void {
	if (expires === 0 || expires > Date.now() / 1000) return;
	throw new Failure(
		"input",
		"plan-ended",
		`the plan in ${file} ended on ${new Date(expires * 1000).toISOString().slice(0, 10)}`,
		"With it the reader would refuse phones as out of date: make it anew by `lintel plan compile`.",
	);
}

async function confirmEmpty(file: string): Promise<void> {
	const none = `the plan in ${file} has no credential: with it the door opens for no phone`;
	const failure = (message: string) =>
		new Failure("usage", "empty-plan", message, "Give --yes if that is meant.");
	if (!isAttended()) throw failure(none);
	if (!(await isYes(`${none[0]!.toUpperCase()}${none.slice(1)}. Install it?`)))
		throw failure("nothing was changed");
}
