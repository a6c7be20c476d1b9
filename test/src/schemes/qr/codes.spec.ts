// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { TimeTrust } from "../../../../hal/contracts/time.js";
import { utf8Encode } from "../../../../protocol/bytes.js";
import { CborWriter } from "../../../../protocol/cbor/writer.js";
import { ES256 } from "../../../../protocol/credential/cose.js";
import { encodeSign1 } from "../../../../protocol/credential/issue.js";
import { CODE_AAD, stepAt } from "../../../../protocol/qr/code.js";
import { encodeBase45 } from "../../../../protocol/qr/encode.js";
import { SimStateCell } from "../../../../sim/flash.js";
import { SeededRandom } from "../../../../sim/random.js";
import { QrPage } from "../../../../sim/scanner/page.js";
import { DEVICE_KEY } from "../../../../sim/self.js";
import { EPOCH, SimSite } from "../../../../sim/site.js";
import { Codes, REPEAT_MS, SETTLED_MS } from "../../../../src/schemes/qr/codes.js";
import { Uses } from "../../../../src/schemes/qr/uses.js";
import { providers } from "../../../support/providers.js";

const crypto = providers[0]!;
const site = new SimSite(crypto, new SeededRandom(5));
const holder = site.phone();
const page = new QrPage(site, holder, crypto);

/** A door without a plan: whoever proves itself is let in, where it has no last word against it. */
class Door {
	now = SETTLED_MS;
	seconds = EPOCH;
	trust: TimeTrust = "synced";
	readonly said: string[] = [];
	readonly cell = new SimStateCell();
	readonly codes = new Codes({
		clock: { now: () => this.now, alarm: () => assert.fail("it needs no alarm") },
		wall: { now: () => this.seconds, trust: () => this.trust, set: () => undefined },
		...{ crypto, site, door: "FRONT" },
		uses: new Uses({ cell: () => this.cell, crypto, deviceKey: DEVICE_KEY, anchor: new Uint8Array(8) }),
		events: {
			onIdentity: (identity) => {
				assert.deepEqual({ ...identity.id }, { ...holder.id });
				assert.isFalse(identity.acted);
				const reason = identity.admit?.() ?? "granted";
				this.said.push(reason);
				return { granted: reason === "granted", reason };
			},
			onRefused: (reason) => this.said.push(reason),
		},
	});

	show(text: string): string | undefined {
		const bytes = new Uint8Array(512);
		bytes.set(utf8Encode(text));
		this.isCode = this.codes.show(bytes, text.length);
		return this.said.pop();
	}

	isCode = false;
}

describe("codes at a scanner", () => {
	it("count within a step of the reader's time", () => {
		for (const off of [-31, -30, -15, 0, 15, 29, 30, 31]) {
			const isLive = Math.abs(stepAt(EPOCH + off) - stepAt(EPOCH)) <= 1;
			assert.equal(new Door().show(page.at(EPOCH + off)), isLive ? "granted" : "stale-code", `${off} s`);
		}
	});

	it("need the site's time, and 45 s since the start", () => {
		const door = new Door();
		for (const trust of ["unset", "restored"] as const) {
			door.trust = trust;
			assert.equal(door.show(page.at(EPOCH)), "clock-unset");
			door.now += REPEAT_MS;
		}
		door.trust = "synced";
		door.now = SETTLED_MS - 1;
		assert.equal(door.show(page.at(EPOCH + 15)), "just-started");
		door.now = SETTLED_MS;
		assert.equal(door.show(page.at(EPOCH)), "granted");
	});

	it("that are read again and again are one visit, as long as they are held there", () => {
		const door = new Door();
		const code = page.at(EPOCH);
		assert.equal(door.show(code), "granted");
		for (let i = 0; i < 10; i++) {
			door.now += REPEAT_MS - 1;
			assert.isUndefined(door.show(code));
		}
		door.now += REPEAT_MS;
		assert.equal(door.show(code), "used-code");
		assert.isUndefined(door.show(code));
	});

	it("denied by the last word are used all the same", () => {
		const door = new Door();
		const counted = new QrPage(site, holder, crypto, { audience: "FRONT", count: 1 });
		assert.equal(door.show(counted.at(EPOCH)), "granted");
		assert.equal(door.show(counted.at(EPOCH + 15)), "uses-spent");
		assert.equal(door.show(page.at(EPOCH + 15)), "used-code");
	});

	it("say whether they were codes: what is none may have set up the scanner", () => {
		const door = new Door();
		for (const [text, reason, isCode] of [
			["S_CMD_0001", "setup-code", false],
			["S_CMD", "malformed", false],
			["http://lintel", "malformed", false],
			["", "malformed", false],
			["ABC", "malformed", false],
			["A".repeat(396), "malformed", false],
			[page.at(EPOCH).slice(0, -3), "malformed", false],
			[page.at(EPOCH + 60), "stale-code", true],
			[page.at(EPOCH), "granted", true],
		] as const) {
			assert.equal(door.show(text), reason, text);
			assert.equal(door.isCode, isCode, text);
		}
	});

	it("by a key of P-256 count too, and by another key or another context never", () => {
		const p256 = site.phone(5);
		const door = new Door();
		assert.equal(door.show(new QrPage(site, { ...p256, id: holder.id }, crypto).at(EPOCH)), "granted");
		const payload = new CborWriter(300).array(2).bytes(page.credential).int(stepAt(EPOCH)).take();
		for (const [by, externalAad] of [
			[holder.own, undefined],
			[site.phone().own, CODE_AAD],
			[{ ...p256.own, algorithm: ES256 }, CODE_AAD],
		] as const)
			assert.equal(
				door.show(encodeBase45(encodeSign1(payload, by, externalAad && { externalAad }))),
				"bad-signature",
			);
	});
});
