// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { NO_END } from "../../protocol/plan/format.js";
import { MAX_LIST_PIECE } from "../../protocol/provisioning/bounds.js";
import type { ReplyOf } from "../../protocol/provisioning/messages.js";
import { MAX_SIGNED_LIST } from "../../protocol/trust/envelope.js";
import { MAX_KEYS, MAX_LIST, MAX_REVOKED } from "../../protocol/trust/list.js";
import { DOOR } from "../../sim/commission.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import { type PracticeKeys, rootOf, withNextList } from "../../sim/practice-keys.js";
import { Installer } from "../../sim/provisioning/installer.js";
import { SeededRandom } from "../../sim/random.js";
import { EPOCH } from "../../sim/site.js";
import { World } from "../../sim/world.js";
import { inWords } from "../../site/lib/log/describe.js";
import { signSnapshot } from "../../site/lib/plan/encode.js";
import { memberOf } from "../../site/lib/provisioning/commission.js";
import { RequestRefused } from "../../site/lib/provisioning/errors.js";
import { planPieces } from "../../site/lib/provisioning/install-plan.js";
import { signingKey } from "../../site/lib/site-keys.js";
import { type KeyModel, modelOf, type TrustModel } from "../../site/lib/trust/model.js";
import { ConfigStore } from "../../src/config/store.js";
import { image } from "../support/plans.js";
import { engineFor } from "./installed.js";

const crypto = new NodeCrypto();
const SERVER = crypto.ed25519KeyPair(new Uint8Array(32).fill(21));
const server: KeyModel = { publicKey: SERVER.publicKey, roles: ["plan"] };
const NEXT_ROOT = rootOf(crypto, new Uint8Array(32).fill(22));

for (const name of ["Node", "XS"]) describeReader(name);

/** Its plan is by the server's key; phones' credentials are by another. */
function describeReader(name: string): void {
	describe(`a trust list at a whole reader on ${name}`, () => {
		let world: World;
		let installer: Installer;
		let engine: XsEngine | undefined;

		before(function () {
			if (name === "XS") engine = engineFor(this);
		});

		after(() => engine?.close());

		beforeEach(() => begin(engine));

		function begin(on: XsEngine | undefined): void {
			world = new World({ crypto, seed: 3, keys: [server], ...(on && { start: on.start }) });
			world.powerOn();
			world.settle();
			installer = new Installer(world, crypto);
			installer.prove(world.site.keys.signing);
			assert.equal(install(1, 1), "done");
			assert.equal(tap(), "granted");
		}

		/** A plan for the valid phone alone, by the server's key, or the site's where that is stolen; "done" or the refusal. */
		function install(epoch: number, version: number): string {
			const records = [{ id: world.people.valid.id, access: 0, flags: 0, from: 0, until: NO_END }];
			const plan = image(version, records, { site: world.site.id, door: DOOR, issued: EPOCH });
			const by = signingKey(epoch === 1 ? SERVER : world.site.keys.signing, crypto);
			const { body, envelope } = signSnapshot(plan, { crypto, ...by, epoch });
			try {
				installer.ask("plan-begin", { envelope });
				for (const chunk of planPieces(body)) installer.ask("plan-write", { chunk });
				while (installer.ask("plan-commit").more);
				return "done";
			} catch (error) {
				if (error instanceof RequestRefused) return error.refusal.refusal ?? error.refusal.reason;
				throw error;
			}
		}

		/** What the valid phone is told. */
		function tap(): string {
			const card = world.phones.nfc("valid");
			world.board.field.present(card);
			world.time.run(2500);
			world.board.field.remove(card);
			world.time.run(6000);
			return world.auditor.decisions().at(-1)!.reason;
		}

		function restart(): void {
			world.powerOff();
			world.powerOn();
			world.settle();
			installer.client.session = undefined;
		}

		const trust = (): ReplyOf<"info">["trust"] => installer.ask("info").trust;
		const next = (change: Partial<TrustModel>, roots?: Parameters<typeof withNextList>[2]): PracticeKeys =>
			withNextList(world.site.keys, change, roots);
		const give = (site: PracticeKeys, alone = false) => installer.sendLists(site.lists.slice(1), alone);
		const words = (): string[] => world.auditor.entries().map(inWords);
		/** The next list: the server's key is so. */
		const serverIs = (state: "ended" | "stolen"): PracticeKeys => {
			const [first] = modelOf(world.site.trust).keys;
			return next({ keys: [first!, { ...server, state }], epoch: 2 });
		};

		it("by which the plan's key was stolen waits for the next plan: the door opens meanwhile, and after it", () => {
			const site = serverIs("stolen");
			assert.deepInclude(give(site), { version: 2, held: true });
			assert.deepInclude(trust(), { version: 1, held: 2 });
			assert.equal(tap(), "granted");
			assert.equal(install(1, 2), "key-stolen");
			assert.equal(install(2, 1), "done");
			const now = trust()!;
			assert.deepEqual(Object.keys(now).sort(), ["hash", "version"]);
			assert.equal(toHex(now.hash), toHex(crypto.sha256(site.trust.payload).subarray(0, 8)));
			assert.equal(tap(), "granted");
			assert.isTrue(words().some((line) => line.includes("trust list 2 in force")));
			restart();
			assert.equal(trust()!.version, 2);
			assert.equal(tap(), "granted");
		});

		it("alone voids the plan at once: phones are told that it is damaged, people get out, and the next plan mends it", () => {
			assert.deepInclude(give(serverIs("stolen"), true), { version: 2, held: false });
			for (const moment of ["at once", "after a restart"]) {
				assert.equal(tap(), "plan-damaged", moment);
				world.door.press(true);
				world.time.run(300);
				assert.isTrue(world.door.relay.on, `out, ${moment}`);
				world.door.press(false);
				world.time.run(10_000);
				restart();
			}
			installer.prove(world.site.keys.signing);
			assert.equal(install(2, 1), "done");
			assert.equal(tap(), "granted");
		});

		it("by which the plan's key has ended is in force at once, and the plan with it, at later starts too", () => {
			assert.deepInclude(give(serverIs("ended")), { version: 2, held: false });
			assert.equal(tap(), "granted");
			restart();
			assert.equal(tap(), "granted");
			installer.prove(world.site.keys.signing);
			assert.equal(install(1, 2), "key-ended");
		});

		it("counts at the very next tap: a credential by a key that has ended opens no more", () => {
			const [first, ...others] = modelOf(world.site.trust).keys;
			give(next({ keys: [{ ...first!, state: "ended" }, ...others] }));
			assert.equal(tap(), "key-ended");
		});

		it("is taken at its greatest, with as great a one before it, and a plan", function () {
			// The chip's own memory counts, which has less room for chunks than this processor's.
			const chip = name === "XS" ? engineFor(this, { target: "rv32" }) : undefined;
			if (chip !== undefined) begin(chip);
			const [first] = modelOf(world.site.trust).keys;
			const revoked = Array.from({ length: 32 }, (_, n) => new Uint8Array(8).fill(n));
			const doors = Array.from({ length: 16 }, (_, n) => `DOOR${n}`);
			const others = Array.from(
				{ length: 3 },
				(_, n): KeyModel => ({
					publicKey: crypto.sha256(Uint8Array.of(n)),
					roles: ["issue"],
					doors,
				}),
			);
			const big = next({ keys: [first!, server, ...others], revoked });
			assert.isAbove(big.trust.payload.length, MAX_LIST - 100);
			assert.deepInclude(give(big), { version: 2, held: false });
			const keys = [first!, { ...server, state: "stolen" as const }, ...others];
			const voids = withNextList(big, { keys, epoch: 2 });
			assert.deepInclude(installer.sendLists(voids.lists.slice(2)), { version: 3, held: true });
			assert.equal(tap(), "granted");
			// Whoever has the cable leaves the pieces of a list in it.
			for (let at = 0; at < MAX_SIGNED_LIST; at += MAX_LIST_PIECE) {
				const list = new Uint8Array(Math.min(MAX_LIST_PIECE, MAX_SIGNED_LIST - at));
				installer.ask("trust", { list, at, more: true });
			}
			assert.deepInclude(trust(), { version: 2, held: 3 });
			assert.equal(tap(), "granted");
			assert.deepInclude(trust(), { version: 2, held: 3 }, "it has not started again");
			// As a power cut leaves it before the plan's mark.
			world.powerOff();
			const store = new ConfigStore(world.flash.config, world.sealed(), crypto, new SeededRandom(1));
			store.open();
			store.setTrust(big.trust, voids.trust);
			restart();
			assert.deepInclude(trust(), { version: 2 });
			assert.equal(tap(), "granted");
			assert.deepInclude(installer.sendLists(voids.lists.slice(2)), { version: 3, held: true });
			installer.prove(world.site.keys.signing);
			assert.equal(install(2, 1), "done");
			assert.equal(tap(), "granted");
			restart();
			assert.equal(trust()!.version, 3);
			assert.equal(tap(), "granted");
			chip?.close();
		});

		it("with the most keys and revoked readers commissions a new reader, and is stepped to", () => {
			world.powerOff();
			world = new World({ crypto, seed: 3, factory: true, ...(engine && { start: engine.start }) });
			world.powerOn();
			world.settle();
			installer = new Installer(world, crypto);
			const revoked = Array.from({ length: 3 }, (_, n) => new Uint8Array(8).fill(n));
			const [first] = modelOf(world.site.trust).keys;
			const others = Array.from(
				{ length: MAX_KEYS - 1 },
				(_, n): KeyModel => ({ publicKey: crypto.sha256(Uint8Array.of(n)), roles: ["commission"] }),
			);
			const most = next({ keys: [...others, first!], revoked });
			assert.isAbove(most.trust.payload.length, MAX_LIST - 100);
			const { keys } = installer.ask("begin");
			installer.sendLists(most.lists);
			const { id, keys: practice } = world.site;
			const member = memberOf(id, practice.signing, DOOR, keys, new Uint8Array(8).fill(MAX_REVOKED));
			const configuration = { id: DOOR };
			installer.ask("finish", { member, configuration });
			world.time.run(3000);
			world.settle();
			assert.deepInclude(trust(), { version: 2 });
			const third = withNextList(most);
			// Its pieces are gone before it is stored.
			engine?.squeeze(10_500);
			assert.deepInclude(installer.sendLists(third.lists.slice(2)), { version: 3, held: false });
			assert.deepInclude(trust(), { version: 3 });
		});

		it("ends the session of a root that it replaces; the next root has authority", () => {
			const { root } = world.site.keys;
			give(next({ roots: [NEXT_ROOT.publicKey] }, [root, NEXT_ROOT]));
			const refused = (action: () => void): string => {
				try {
					action();
					return "done";
				} catch (error) {
					return error instanceof RequestRefused ? error.refusal.reason : String(error);
				}
			};
			assert.equal(
				refused(() => installer.ask("configuration")),
				"not-authorised",
			);
			assert.equal(
				refused(() => installer.prove(world.site.keys.signing)),
				"not-allowed",
			);
			installer.prove(world.site.keys.signing, NEXT_ROOT);
			assert.equal(installer.ask("configuration")?.id, DOOR);
		});
	});
}
