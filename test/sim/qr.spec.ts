// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import type { CredentialFields } from "../../protocol/credential/issue.js";
import { EVENTS, LINKS, PARTS } from "../../protocol/events.js";
import { CODE_LIFE_S, STEP_S, stepAt } from "../../protocol/qr/code.js";
import { configuration } from "../../sim/commission.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import { PHONE_KINDS, type PhoneKind } from "../../sim/people.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { SeededRandom } from "../../sim/random.js";
import { SETUP_CODES, type SimGM861 } from "../../sim/scanner/gm861.js";
import { QrPage } from "../../sim/scanner/page.js";
import { runTap, type TapResult } from "../../sim/scenario.js";
import { Scene } from "../../sim/scene/scene.js";
import { parseScript } from "../../sim/scene/script.js";
import { EPOCH } from "../../sim/site.js";
import { World, type WorldOptions } from "../../sim/world.js";
import { unfit } from "../../src/app/fit.js";
import { engineFor } from "./installed.js";

const crypto = new NodeCrypto();
const DAY = 86_400;

/** A reader with a scanner, and what people show to it. */
class QrDoor {
	readonly world: World;
	#decisions = 0;

	constructor(options: Partial<WorldOptions> = {}) {
		this.world = new World({
			...{ crypto, seed: 1, server: true, configuration: { scanner: { model: "gm861" } } },
			...options,
		});
		this.world.plan.install();
	}

	/** On, in a session with its site, and past the time in which no code counts. */
	ready(): this {
		const { world } = this;
		world.powerOn();
		assert.isTrue(world.time.runUntil(() => world.server!.hello !== undefined, 120_000));
		world.time.run(CODE_LIFE_S * 1000);
		this.#decisions = this.world.auditor.decisions().length;
		return this;
	}

	page(kind: PhoneKind = "valid", claims: Partial<CredentialFields> = {}): QrPage {
		return this.world.page(kind, claims);
	}

	/** What the door says to a text that is held to its scanner: reasons of new decisions. */
	show(text: string | (() => string), ms = 1500): string {
		const { auditor, qr, time } = this.world;
		qr!.see(typeof text === "string" ? () => text : text);
		time.run(ms);
		qr!.see(undefined);
		time.run(500);
		const all = auditor.decisions();
		const reasons = all.slice(this.#decisions).map(({ reason }) => reason);
		this.#decisions = all.length;
		return reasons.join(" ");
	}

	/** The page as it is now. */
	now(page: QrPage, offset = 0): string {
		return page.at(this.world.seconds + offset);
	}

	/** To the beginning of a step, so that what is shown at once is of it. */
	nextStep(): void {
		const { world } = this;
		const left = STEP_S - (world.seconds % STEP_S);
		world.time.run(left * 1000);
	}
}

for (const engine of ["node", "xs"] as const)
	describe(`a code at the door, ${engine}`, () => {
		let xs: XsEngine | undefined;
		const door = (options: Partial<WorldOptions> = {}): QrDoor => {
			xs?.close();
			xs = undefined;
			return new QrDoor(options);
		};

		before(function () {
			if (engine === "xs") engineFor(this).close();
		});
		/** Ready, on this engine. */
		const ready = (context: Mocha.Context, options: Partial<WorldOptions> = {}): QrDoor => {
			if (engine === "node") return door(options).ready();
			xs?.close();
			xs = engineFor(context);
			const { start } = xs;
			return new QrDoor({ ...options, start }).ready();
		};
		after(() => xs?.close());

		it("opens for who is in the plan, and says so in the log", function () {
			const it = ready(this);
			const page = it.page();
			assert.equal(it.show(it.now(page)), "granted");
			assert.isTrue(it.world.door.relay.on);
			const entry = it.world.auditor
				.entries()
				.filter(({ kind }) => kind === EVENTS.decision)
				.at(-1)!;
			assert.equal((entry.detail >> 8) & 15, LINKS.qr);
			assert.deepEqual({ ...entry.subject }, { ...it.world.people.valid.id });
			assert.equal(it.show(it.now(it.page("stranger"))), "unknown-credential");
			assert.equal(it.show(it.now(it.page("revoked"))), "revoked");
		});

		it("counts once: held on it is one visit, and shown again it is used", function () {
			const it = ready(this);
			const page = it.page();
			it.nextStep();
			const code = it.now(page);
			assert.equal(it.show(code, 6000), "granted");
			it.world.time.run(5000);
			assert.equal(it.show(code), "used-code");
			// Nor does one of before that was never shown.
			const { seconds } = it.world;
			it.nextStep();
			assert.equal(it.show(page.at(seconds + STEP_S)), "granted");
			assert.equal(it.show(page.at(seconds)), "used-code");
		});

		it("a screenshot opens nothing after 30 s, nor later", function () {
			const it = ready(this);
			const page = it.page();
			for (const age of [30, 45, 60]) {
				const shot = it.now(page);
				it.world.time.run(age * 1000);
				assert.equal(it.show(shot), "stale-code", `${age} s`);
			}
			assert.equal(it.show(it.now(page, 2 * STEP_S)), "stale-code", "a clock that is ahead");
			assert.equal(it.show(it.now(page, STEP_S)), "granted");
		});

		it("forged, of another site, of another door, beyond its dates: each is refused for its reason", function () {
			const it = ready(this);
			const { world } = it;
			const page = it.page();
			const forged = [...it.now(page)];
			forged[forged.length - 9] = forged[forged.length - 9] === "0" ? "1" : "0";
			assert.equal(it.show(forged.join("")), "bad-signature");
			const other = new World({ crypto, seed: 2 });
			assert.equal(
				it.show(new QrPage(other.site, other.people.valid, crypto).at(world.seconds)),
				"unknown-issuer",
			);
			assert.equal(it.show(it.now(it.page("valid", { audience: "BACK" }))), "wrong-door");
			assert.equal(it.show(it.now(it.page("valid", { expires: EPOCH - 1 }))), "expired");
			it.nextStep();
			assert.equal(it.show(it.now(it.page("valid", { notBefore: EPOCH + DAY }))), "not-yet-valid");
			it.nextStep();
			// Signed by the holder of another credential.
			const { id, publicKey: key } = world.people.valid;
			const thief = new QrPage(world.site, { ...world.people.stranger, publicKey: key }, crypto, { id });
			assert.equal(it.show(it.now(thief)), "bad-signature");
			assert.isFalse(world.door.relay.on);
		});

		it("a count is used up, and stays so over a loss of power", function () {
			const it = ready(this);
			const { world } = it;
			const page = it.page("valid", { audience: "FRONT", count: 2 });
			assert.equal(it.show(it.now(page)), "granted");
			world.powerOff();
			it.ready();
			it.nextStep();
			assert.equal(it.show(it.now(page)), "granted");
			it.nextStep();
			assert.equal(it.show(it.now(page)), "uses-spent");
			world.powerOff();
			it.ready();
			it.nextStep();
			assert.equal(it.show(it.now(page)), "uses-spent");
			// Three more, by a credential with the same id.
			assert.equal(it.show(it.now(it.page("valid", { audience: "FRONT", count: 5 }), STEP_S)), "granted");
		});

		it("a set-up code that is shown to the scanner is refused, and the scanner is set up as it was", function () {
			const it = ready(this);
			const module = it.world.qr as SimGM861;
			const zones = module.zones.slice();
			for (const setup of Object.keys(SETUP_CODES)) {
				assert.equal(it.show(setup), "setup-code");
				assert.deepEqual({ ...module.zones }, { ...zones });
			}
			it.nextStep();
			assert.equal(it.show(it.now(it.page())), "granted");
		});
	});

describe("a code at the door", () => {
	it("without the site's time none opens, and the door says so", () => {
		const it = new QrDoor({ server: false });
		const { world } = it;
		world.powerOn();
		world.time.run(60_000);
		assert.equal(it.show(it.now(it.page())), "clock-unset", "a clock chip's time is restored, not synced");
		world.device!.door!.access.setTime(world.seconds);
		assert.equal(it.show(it.now(it.page(), STEP_S)), "granted");
	});

	it("none opens in the 45 s after a start, when it is not known which were taken", () => {
		const it = new QrDoor({ server: false });
		const { world } = it;
		world.powerOn();
		world.device!.door!.access.setTime(world.seconds);
		world.time.run(5000);
		const page = it.page();
		assert.equal(it.show(it.now(page)), "just-started");
		world.time.run(CODE_LIFE_S * 1000);
		const code = it.now(page);
		assert.equal(it.show(code), "granted");
		world.restart("exception");
		world.device!.door!.access.setTime(world.seconds);
		world.time.run(3000);
		assert.equal(it.show(code), "just-started", "a code that was taken before");
	});

	it("revoked by the site it opens no more", () => {
		const it = new QrDoor().ready();
		const { world } = it;
		const page = it.page("stranger");
		assert.equal(it.show(it.now(page)), "unknown-credential");
		const valid = it.page();
		assert.equal(it.show(it.now(valid)), "granted");
		world.server!.books.revoke([world.people.valid.id]);
		world.time.run(5000);
		it.nextStep();
		assert.equal(it.show(it.now(valid)), "revoked");
	});

	it("who holds the credential for radios shows nothing by it, and the other way round", () => {
		const it = new QrDoor().ready();
		const { own, publicKey, secretKey, id, cwt } = it.world.people.valid;
		const radio = new QrPage(it.world.site, { own, publicKey, secretKey, id, cwt }, crypto);
		Object.assign(radio, { credential: cwt });
		assert.equal(it.show(it.now(radio)), "wrong-role");
	});

	it("any other text is refused once, however long it is held there, and the log does not fill", () => {
		const it = new QrDoor().ready();
		for (const text of ["https://example.org/menu", "WIFI:S:guest;;", "HELLO WORLD", "A".repeat(600)])
			assert.equal(it.show(text, 20_000), text.length > 512 ? "" : "malformed", text);
		const before = it.world.auditor.entries().length;
		let n = 0;
		it.show(() => `FLOOD ${n++}`, 120_000);
		assert.isAbove(n, 100);
		assert.isBelow(it.world.auditor.entries().length - before, 40);
		it.nextStep();
		assert.equal(it.show(it.now(it.page())), "granted");
	});

	it("comes while a phone is at the radio: both are served", () => {
		const it = new QrDoor().ready();
		const { board, phones, time } = it.world;
		for (const delay of [0, 20, 60, 100, 140]) {
			const phone = phones.nfc("revoked");
			const shown = phones.results.length;
			const code = it.now(it.page());
			it.world.qr!.see(() => code);
			time.run(100 + delay);
			board.field.present(phone);
			time.runUntil(() => phones.results.length > shown, 5000);
			board.field.remove(phone);
			assert.equal(phones.results.length, shown + 1);
			assert.sameMembers(it.show(code).split(" "), ["granted", "revoked"]);
			time.run(10_000);
			it.nextStep();
		}
	});

	it("one person by radio and by code in a moment is one visit", () => {
		const it = new QrDoor().ready();
		const { board, phones, time } = it.world;
		const phone = phones.nfc("valid");
		board.field.present(phone);
		time.run(600);
		board.field.remove(phone);
		assert.equal(it.show(it.now(it.page("valid", { audience: "FRONT", count: 1 }))), "granted");
		time.run(10_000);
		it.nextStep();
		assert.equal(
			it.show(it.now(it.page("valid", { audience: "FRONT", count: 1 }))),
			"granted",
			"not counted",
		);
	});

	it("begins no passage mode and is no first person: who films a code is not at the door", () => {
		const firstPerson = { rights: { firstPerson: true }, tables: { officeMode: true } };
		const it = new QrDoor(firstPerson).ready();
		for (let i = 0; i < 2; i++) {
			assert.equal(it.show(it.now(it.page(), i * STEP_S), 400), "granted");
			it.world.time.run(100);
		}
		it.world.time.run(20_000);
		assert.isTrue(it.world.door.locked);
	});

	it("by a scanner that sends lines", () => {
		const it = new QrDoor({ configuration: { scanner: { model: "line", baud: 115_200 } } }).ready();
		assert.equal(it.show(it.now(it.page())), "granted");
		assert.equal(it.show("S_CMD_0001"), "setup-code");
		// At a rate that it does not have, what comes is no code.
		it.world.scanner.baud = 9600;
		it.nextStep();
		assert.match(it.show(it.now(it.page())), /^(malformed ?)*$/);
	});

	it("a scanner that falls silent is in the log and on the light, and well when it is back", () => {
		const it = new QrDoor().ready();
		const { auditor, qr, time } = it.world;
		const health = (): number[] =>
			auditor.entries().flatMap(({ kind, detail }) => (kind === EVENTS.health ? [detail] : []));
		const before = health().length;
		qr!.setPower(false);
		time.run(70_000);
		assert.deepEqual(health().slice(before), [(PARTS.scanner << 8) | 1]);
		assert.equal(it.world.device!.door!.access.door.signal, "fault");
		qr!.setPower(true);
		time.run(20_000);
		assert.deepEqual(health().slice(before + 1), [PARTS.scanner << 8]);
		assert.equal(it.show(it.now(it.page())), "granted");
	});

	it("the installer tries it by anything that is shown to it, and is told how it is", () => {
		const it = new QrDoor().ready();
		const { world } = it;
		const installer = new Installer(world, crypto);
		installer.prove(world.site.keys.signing);
		const tried = installer.askMeanwhile("test", { name: "scanner" }, () => {
			world.qr!.see(() => "HELLO");
		});
		world.qr!.see(undefined);
		assert.deepEqual(tried, { passed: true, detail: "it read 5 characters; set up" });
		const nothing = installer.ask("test", { name: "scanner" });
		assert.isFalse(nothing.passed);
		assert.match(nothing.detail, /^nothing came in 30 s/);
	});

	it("is in no configuration of a reader that has no port for it, and in no test of one without", () => {
		const it = new QrDoor({ configuration: {} }).ready();
		const installer = new Installer(it.world, crypto);
		installer.prove(it.world.site.keys.signing);
		assert.match(installer.ask("test", { name: "scanner" }).detail, /no scanner/);
		const scanner = { model: "line", baud: 9600 } as const;
		const config = { ...configuration(), scanner };
		const store = it.world.self.open(crypto, new SeededRandom(1));
		assert.deepEqual(unfit({ ...it.world.device!.platform }, store, config), []);
		const { scanner: _port, ...without } = it.world.device!.platform;
		const [problem] = unfit(without, store, config);
		assert.deepEqual([problem!.field, problem!.reason], ["scanner.model", "not-on-this-reader"]);
	});

	it("`npm run tap -- --link qr` shows one, and the simulator's hand too", () => {
		const shown = PHONE_KINDS.map((phone) => runTap({ crypto, link: "qr", phone, suite: 4, seed: 3 }));
		assert.deepEqual(
			shown.map(({ phone, reason }) => [phone, reason]),
			[
				["valid", "granted"],
				["revoked", "revoked"],
				["expired", "expired"],
				["stranger", "unknown-credential"],
				["foreign", "unknown-issuer"],
			],
		);
		const [valid, revoked] = shown as [TapResult, TapResult];
		assert.isAbove(valid.relayOnMs!, 300);
		assert.isNull(revoked.relayOnMs);
		const scene = new Scene({ crypto, script: parseScript("do=0.tap.valid.qr") });
		scene.run(1500);
		assert.isTrue(scene.world.door.relay.on);
	});

	it("a reader without a scanner in its configuration opens no port", () => {
		const it = new QrDoor({ configuration: {} }).ready();
		assert.isUndefined(it.world.device!.scanner);
		assert.isUndefined(it.world.qr);
		assert.equal(stepAt(EPOCH) * STEP_S, EPOCH);
	});
});
