// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { assert } from "chai";
import fc from "fast-check";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { checkConfig } from "../../../protocol/config/document.js";
import { EDDSA, signer } from "../../../protocol/credential/cose.js";
import { issueCredential } from "../../../protocol/credential/issue.js";
import type { MessageKey } from "../../../protocol/provisioning/messages.js";
import { compileImage } from "../../../site/lib/plan/compile.js";
import { PlanDocumentError } from "../../../site/lib/plan/document.js";
import { readDoor } from "../../../src/config/state.js";
import { root } from "../../support/host.js";

const crypto = new NodeCrypto();
const site = crypto.ed25519KeyPair(new Uint8Array(32).fill(9));
const key: MessageKey = { algorithm: EDDSA, publicKey: site.publicKey };
const schema = JSON.parse(readFileSync(join(root, "schema/plan.schema.json"), "utf8")) as object;
const isPlan = new Ajv({ strict: true }).compile(schema);

function planOf(door: string) {
	// `fromEntries`, as JSON.parse, makes a property of any name.
	const doors = Object.fromEntries([[door, {}]]);
	return { site: "ACME", timeZone: "UTC0", accessPlans: {}, doors, users: [] };
}

/** Whether `work` ends without the error that refuses a door's identifier. */
function takes(work: () => unknown, refusal: new (...args: never[]) => Error): boolean {
	try {
		work();
		return true;
	} catch (error) {
		if (error instanceof refusal) return false;
		throw error;
	}
}

/** What each part that has to do with a door's identifier says of this one. */
function verdicts(door: string): Record<string, boolean> {
	const member = { door, credentials: [new Uint8Array(8)] };
	return {
		configuration: "config" in checkConfig({ id: door }),
		membership: readDoor(member) !== undefined,
		"plan, compiled": takes(
			() => compileImage(planOf(door), { door, version: 1, issued: 1_800_000_000 }),
			PlanDocumentError,
		),
		"plan, its schema": isPlan(planOf(door)),
		credential: takes(
			() =>
				issueCredential(
					{ issuer: "ACME", subject: door, id: new Uint8Array(8), key },
					signer(crypto, EDDSA, site.secretKey),
				),
			RangeError,
		),
	};
}

describe("a door's identifier", () => {
	for (const [door, right] of [
		["FRONT", true],
		["a", true],
		["9.b_c-d8", true],
		["", false],
		["123456789", false],
		["+front", false],
		["-front", false],
		["a b", false],
		["a/b", false],
		["a\n", false],
		["tür", false],
	] as const)
		it(`${JSON.stringify(door)} is ${right ? "taken" : "refused"} by configuration, plan and credential alike`, () => {
			for (const [part, verdict] of Object.entries(verdicts(door))) assert.equal(verdict, right, part);
		});

	it("is judged alike by all of them, whatever it is: no plan is compiled for a door that no reader may have", () => {
		const character = fc.oneof(
			fc.constantFrom(..."aZ09._-+/ \n"),
			fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
		);
		const door = fc.array(character, { maxLength: 10 }).map((all) => all.join(""));
		const seen = new Set<boolean>();
		fc.assert(
			fc.property(door, (text) => {
				const all = Object.entries(verdicts(text));
				for (const [part, verdict] of all) assert.equal(verdict, all[0]![1], part);
				seen.add(all[0]![1]);
			}),
			{ numRuns: 400, seed: 3 },
		);
		assert.deepEqual([...seen].sort(), [false, true]);
	});
});
