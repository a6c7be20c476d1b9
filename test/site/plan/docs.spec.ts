// SPDX-License-Identifier: Apache-2.0

import { createPrivateKey, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode, Tagged } from "cborg";
import { assert } from "chai";
import { REASONS } from "../../../protocol/reasons.js";
import { CAPACITIES, partitionCsv } from "../../../site/lib/plan/capacity.js";
import { withCapacities } from "../../../tools/docs/flash.js";
import { planVectors, withPlan } from "../../../tools/docs/plan-example.js";
import { reasonsDocument } from "../../../tools/docs/reasons.js";
import { root } from "../../support/host.js";

describe("access plan: documents", () => {
	it("docs/plan.md shows the bytes that the code makes", () => {
		const text = readFileSync(join(root, "docs/plan.md"), "utf8");
		assert.equal(text, withPlan(text), "run npm run docs");
	});

	it("docs/HARDWARE.md has the flash sizes that the partitions have", () => {
		const text = readFileSync(join(root, "docs/HARDWARE.md"), "utf8");
		assert.equal(text, withCapacities(text), "run npm run docs");
	});

	it("docs/reasons.md explains every reason there is", () => {
		const text = readFileSync(join(root, "docs/reasons.md"), "utf8");
		assert.equal(text, reasonsDocument(), "run npm run docs");
		for (const [reason, number] of Object.entries(REASONS))
			assert.include(text, `| ${number} | \`${reason}\` |`);
	});

	it("the vectors are COSE_Sign1 that cborg reads and OpenSSL verifies", () => {
		const vectors = planVectors();
		const der = Buffer.from(`302a300506032b6570032100${publicKey(vectors.seed)}`, "hex");
		const key = createPublicKey({ key: der, format: "der", type: "spki" });
		for (const hex of [vectors.envelope, vectors.delta]) {
			const tagged = decode(Buffer.from(hex, "hex"), { useMaps: true, tags: Tagged.preserve(18) });
			const [isProtected, , payload, signature] = tagged.value as [
				Uint8Array,
				unknown,
				Uint8Array,
				Uint8Array,
			];
			assert.equal(Buffer.from(isProtected).toString("hex"), "a10127");
			// Sig_structure written out by hand (RFC 9052 4.4).
			const length = payload.length < 24 ? [0x40 | payload.length] : [0x58, payload.length];
			const message = Buffer.concat([
				Buffer.from("846a5369676e61747572653143a101274b", "hex"),
				Buffer.from("lintel plan"),
				Buffer.from(length),
				payload,
			]);
			assert.isTrue(verify(null, message, key, signature));
		}
	});

	it("a delta that revokes one credential has at most 200 bytes", () => {
		assert.isAtMost(planVectors().delta.length / 2, 200);
	});

	it("partition tables are those of the capacities: no overlap, nothing beyond the flash, firmware on 64 KB", () => {
		for (const module of CAPACITIES) {
			assert.equal(
				readFileSync(join(root, `partitions/${module.module}MB.csv`), "utf8"),
				partitionCsv(module),
				"npm run docs",
			);
			let end = 0x9000;
			for (const { name, type, offset, size } of module.partitions) {
				assert.isAtLeast(offset, end, name);
				assert.equal(offset % (type === "app" ? 0x10000 : 0x1000), 0, name);
				assert.equal(size % 0x1000, 0, name);
				end = offset + size;
			}
			assert.isAtMost(end, module.module * 1024 * 1024);
		}
		const largest = CAPACITIES.find((c) => c.module === 16)!;
		assert.isAtLeast(largest.credentials, 240_000);
		assert.isAtLeast(largest.events, 100_000);
	});
});

/** Of the key whose seed is 32 bytes 01, as RFC 8032 gives it: computed by OpenSSL. */
function publicKey(seed: string): string {
	const der = Buffer.from(`302e020100300506032b657004220420${seed}`, "hex");
	const spki = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" })).export({
		format: "der",
		type: "spki",
	});
	return spki.subarray(12).toString("hex");
}
