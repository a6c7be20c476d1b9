// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { equal } from "../../protocol/bytes.js";
import type { ReaderState } from "../../protocol/provisioning/messages.js";
import { Failure } from "../../site/lib/files/failure.js";
import { type PlanFile, PlanFileError, parsePlanFile } from "../../site/lib/plan/files.js";
import { isRefused } from "../../site/lib/provisioning/errors.js";
import { installPlan } from "../../site/lib/provisioning/install-plan.js";
import { print, progress } from "../output.js";
import { withAuthority } from "../reader.js";
import { type ReaderOptions, readerOptions } from "../reader-options.js";

/** `lintel install-plan`: the first plan of a reader that is not on the network yet. */
export function register(program: Command): void {
	readerOptions(program.command("install-plan <file>"))
		.description("put a signed plan (`lintel plan compile --site-key`) into the reader by cable")
		.action((file: string, options: ReaderOptions, command: Command) => {
			const plan = readPlan(file);
			const { body, image } = plan;
			refuseEnded(file, image.expires);
			let sent = false;
			const tell = (changed: boolean, version: number, credentials: number): void =>
				print(command, { installed: true, changed, version, credentials }, [
					`plan ${version} is in force${changed ? "" : " already"}: ${credentials} credentials`,
				]);
			const onSent = (bytes: number): void => {
				sent = true;
				progress("plan", bytes, body.length);
			};
			return withAuthority(options, async (reader) => {
				try {
					const { version, count } = await installPlan(reader, plan, onSent);
					tell(true, version, count);
				} catch (error) {
					if (!isRefused(error, "plan-refused")) throw error;
					const state = await reader.request("state");
					if (!isInForce(image, body, state)) throw error;
					// By this run, where the reader could not say so any more, or by one that lost its cable.
					tell(sent, image.version, state.credentials ?? 0);
				}
			});
		});
}

/** Readers that do not tell a plan's hash cannot say. */
function isInForce(
	{ expires, issued, version }: PlanFile["image"],
	body: Uint8Array,
	state: ReaderState,
): boolean {
	return (
		state.plan === version &&
		state.planIssued === issued &&
		state.planExpires === expires &&
		state.planHash instanceof Uint8Array &&
		equal(state.planHash, new NodeCrypto().sha256(body))
	);
}

function readPlan(file: string): PlanFile & { envelope: Uint8Array } {
	try {
		const { envelope, ...plan } = parsePlanFile(new Uint8Array(readFileSync(file)), new NodeCrypto());
		if (envelope !== undefined) return { envelope, ...plan };
	} catch (error) {
		if (error instanceof PlanFileError || (error as NodeJS.ErrnoException).code !== undefined)
			throw new Failure(
				"input",
				"bad-plan",
				`${file}: ${(error as Error).message}`,
				"Make it by `lintel plan compile`.",
			);
		throw error;
	}
	throw new Failure(
		"input",
		"unsigned-plan",
		`${file} is not signed`,
		"Sign it: `lintel plan sign --site-key site-key.json`.",
	);
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
