import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { equal } from "../../protocol/bytes.js";
import { type CborMap, isFields } from "../../protocol/cbor/value.js";
import { Failure } from "../../site/lib/files/failure.js";
import { type PlanFile, PlanFileError, parsePlanFile } from "../../site/lib/plan/files.js";
import type { ReaderClient } from "../client.js";
import { print, progress } from "../output.js";
import { type ReaderOptions, readerOptions, withAuthority } from "../reader-options.js";

/** Bytes of the plan in one request. */
const CHUNK = 1024;

/** `lintel install-plan`: the first plan of a reader that is not on the network yet. */
export function register(program: Command): void {
	readerOptions(program.command("install-plan <file>"))
		.description("put a signed plan (`lintel plan compile --site-key`) into the reader by cable")
		.action((file: string, options: ReaderOptions, command: Command) => {
			const { envelope, body, image } = readPlan(file);
			refuseEnded(file, image.expires);
			let sent = false;
			return withAuthority(options, async (reader) => {
				try {
					await reader.request("plan-begin", { envelope });
				} catch (error) {
					if (!(error instanceof Failure && error.reason === "plan-refused")) throw error;
					const state = await reader.request("state");
					if (!isFields(state) || !isInForce(image, body, state)) throw error;
					// By this run, where the reader could not say so any more, or by one that lost its cable.
					const { version } = image;
					const credentials = state.credentials!;
					print(command, { installed: true, changed: sent, version, credentials }, [
						`plan ${version} is in force${sent ? "" : " already"}: ${String(credentials)} credentials`,
					]);
					return;
				}
				sent = true;
				for (let at = 0; at < body.length; at += CHUNK) {
					await reader.request("plan-write", { chunk: body.subarray(at, at + CHUNK) });
					progress("plan", Math.min(at + CHUNK, body.length), body.length);
				}
				const { version, count } = await commit(reader);
				print(command, { installed: true, changed: true, version: version!, credentials: count! }, [
					`plan ${String(version)} is in force: ${String(count)} credentials`,
				]);
			});
		});
}

/** Readers that do not tell a plan's hash cannot say. */
function isInForce(
	{ expires, issued, version }: PlanFile["image"],
	body: Uint8Array,
	state: CborMap,
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

/** The reader would take it, and then open for nobody. */
function refuseEnded(file: string, expires: number): void {
	if (expires === 0 || expires > Date.now() / 1000) return;
	throw new Failure(
		"input",
		"plan-ended",
		`the plan in ${file} ended on ${new Date(expires * 1000).toISOString().slice(0, 10)}`,
		"With it the reader would refuse phones as out of date: make it anew by `lintel plan compile`.",
	);
}

/** The reader verifies and switches in small steps. */
async function commit(reader: ReaderClient): Promise<CborMap> {
	for (;;) {
		const result = await reader.request("plan-commit");
		if (!isFields(result))
			throw new Failure(
				"version",
				"bad-reply",
				"the reader says something else than expected",
				"Update lintel.",
			);
		if (result.more !== true) return result;
	}
}
