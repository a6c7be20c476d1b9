// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { toHex } from "../../../protocol/bytes.js";
import { PHONE_KINDS } from "../../../sim/people.js";
import { Scene, type SceneOptions } from "../../../sim/scene/scene.js";
import { parseScript } from "../../../sim/scene/script.js";
import { engineFor } from "../installed.js";

const crypto = new NodeCrypto();

function sceneOf(script: string, world: SceneOptions["world"] = {}): Scene {
	return new Scene({ crypto, script: parseScript(script), world });
}

/** Reasons of the decisions in the log. */
function reasons(scene: Scene): string[] {
	return scene.world.auditor.decisions().map(({ reason }) => reason);
}

describe("a scene", () => {
	it("opens with a reader that polls, is in a session with its site and takes codes", () => {
		const scene = sceneOf("seed=1");
		assert.deepInclude(scene.state(), { at: 0, powered: true, session: true, present: [] });
		scene.perform("tap", { by: "qr" });
		scene.run(3000);
		assert.deepEqual(reasons(scene), ["granted"]);
	});

	it("the same script gives the same bytes, played or performed, in one piece or in many", () => {
		const played = sceneOf("seed=7&do=40.tap.valid.nfc~900.pull~2000.tap.stranger.ble~2500.shut");
		played.run(12_000);
		const performed = sceneOf("seed=7");
		const steps: [number, () => void][] = [
			[40, () => performed.perform("tap")],
			[900, () => performed.perform("pull")],
			[2000, () => performed.perform("tap", { who: "stranger", by: "ble" })],
			[2500, () => performed.perform("shut")],
		];
		for (const [at, act] of steps) {
			while (performed.state().at < at * 1000)
				performed.runTo(Math.min(performed.state().at + 7300, at * 1000));
			act();
		}
		const again = sceneOf(performed.toString());
		while (again.next! <= 12_000_000) again.step();
		performed.runTo(12_000_000);
		again.runTo(12_000_000);
		assert.equal(toHex(performed.digest()), toHex(sceneAt(performed.toString(), 12_000_000)));
		assert.equal(toHex(again.digest()), toHex(performed.digest()));
		assert.deepEqual(reasons(played), ["granted", "unknown-credential"]);
		assert.deepEqual(reasons(performed), reasons(played));
		assert.notEqual(toHex(performed.digest()), toHex(sceneOf("seed=8").digest()));
	});

	it("the firmware on XS gives the same bytes", function () {
		const script = "seed=3&do=0.tap~700.pull~1000.tap.stranger.ble";
		const engine = engineFor(this);
		try {
			const scenes = [sceneOf(script), sceneOf(script, { start: engine.start })] as const;
			for (const scene of scenes) scene.run(4000);
			assert.equal(toHex(scenes[1].digest()), toHex(scenes[0].digest()));
			assert.deepEqual(reasons(scenes[1]), ["granted", "unknown-credential"]);
		} finally {
			engine.close();
		}
	});

	for (const by of ["nfc", "ble", "qr"] as const)
		it(`each phone at the door by ${by} gets its reason, in the log and at the lock`, () => {
			const wanted = {
				...{ valid: "granted", revoked: "revoked", expired: "expired", stranger: "unknown-credential" },
				foreign: by === "qr" ? "unknown-issuer" : "unknown-issuer",
			};
			for (const who of PHONE_KINDS) {
				const scene = sceneOf("seed=3");
				scene.perform("tap", { who, by });
				scene.run(4000);
				assert.deepEqual(reasons(scene), [wanted[who]], who);
				assert.equal(scene.state().door.locked, who !== "valid", who);
			}
		});

	it("a phone in a pocket opens when it has come near, and again when it has been away", () => {
		const scene = sceneOf("do=0.near.valid.300~4000.near.valid.20~9000.near.valid.15~10000.near.valid.400");
		scene.run(3900);
		assert.deepEqual(reasons(scene), []);
		assert.deepEqual(scene.state().present, [{ who: "valid", by: "ble", distance: 300 }]);
		scene.run(6000);
		assert.deepEqual(reasons(scene), ["granted"], "nearer still is the same visit");
		scene.run(6000);
		scene.perform("near", { distance: 30 });
		scene.run(4000);
		assert.deepEqual(reasons(scene), ["granted", "granted"]);
		scene.perform("away");
		assert.deepEqual(scene.state().present, []);
		assert.equal(scene.perform("away"), "no such phone is near (valid)");
	});

	it("a phone that is taken away before it was near does not come back", () => {
		const scene = sceneOf("do=0.near.valid.300~1000.away");
		scene.run(20_000);
		assert.deepEqual(reasons(scene), []);
		assert.equal(scene.world.radio.connections, 0);
	});

	it("a tap in the app opens from across the street", () => {
		const scene = sceneOf("do=0.near.valid.800.taps~5000.near.stranger.800.taps");
		scene.run(9000);
		assert.deepEqual(reasons(scene), ["granted", "unknown-credential"]);
	});

	it("two phones at once are served one after the other", () => {
		const scene = sceneOf("do=0.stack.valid.revoked");
		scene.run(3000);
		assert.sameMembers(reasons(scene), ["granted", "revoked"]);
	});

	it("an ordinary card is denied, and the hand holds one thing at a time", () => {
		const scene = sceneOf("do=0.card~100.card.bank");
		scene.run(99);
		assert.deepEqual(scene.state().present, [{ who: "transport", by: "nfc" }]);
		scene.run(11);
		assert.deepEqual(scene.state().present, [{ who: "bank", by: "nfc" }]);
		scene.run(2000);
		assert.include(reasons(scene), "no-application");
		assert.deepEqual(scene.state().present, []);
		assert.lengthOf(scene.world.board.field.cards, 0);
	});
});

describe("acts at the door", () => {
	const stateAfter = (script: string, ms: number): ReturnType<Scene["state"]> => {
		const scene = sceneOf(script);
		scene.run(ms);
		return scene.state();
	};

	it("a locked door is pulled in vain, an open strike not", () => {
		assert.isFalse(stateAfter("do=0.pull", 100).door.open);
		assert.isTrue(stateAfter("do=0.tap~400.pull", 500).door.open);
		assert.isFalse(stateAfter("do=0.tap~400.pull~900.shut", 1000).door.open);
	});

	it("handle, force and request-to-exit let out or in, and the log knows which", () => {
		const causes = (script: string): string[] => {
			const scene = sceneOf(script);
			const said: string[] = [];
			scene.onLog = ({ words }) => said.push(words);
			scene.run(4000);
			return said;
		};
		assert.include(causes("do=10.exit~300.pull"), "door-opened exit");
		assert.include(causes("do=10.force"), "forced");
		assert.include(causes("do=10.handle"), "forced", "the handle has no contact of its own");
		assert.include(causes("do=10.contact.tamper"), "tamper");
		assert.include(causes("do=10.contact.fire~900.contact.fire.off"), "fire-ended");
	});

	it("without power there is no light, and a magnet's contact at rest feeds it", () => {
		const off = stateAfter("do=0.power.off~10.tap", 1000);
		assert.deepInclude(off, { powered: false, light: "off" });
		assert.isTrue(off.door.locked);
		assert.isTrue(stateAfter("lock=magnet&do=0.power.off", 1000).door.locked);
		assert.isFalse(stateAfter("lock=magnet&do=0.tap", 1000).door.locked);
		const back = stateAfter("do=0.power.off~10.power~4000.tap", 6000);
		assert.isTrue(back.powered);
		assert.isFalse(back.door.locked);
	});
});

function sceneAt(script: string, micros: number): Uint8Array {
	const scene = sceneOf(script);
	scene.runTo(micros);
	return scene.digest();
}
