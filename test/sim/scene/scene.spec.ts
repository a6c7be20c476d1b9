// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { toHex } from "../../../protocol/bytes.js";
import { PHONE_KINDS } from "../../../sim/people.js";
import { Scene, type SceneOptions } from "../../../sim/scene/scene.js";
import { parseScript } from "../../../sim/scene/script.js";

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
		while (again.state().at < 12_000_000) again.step();
		performed.runTo(12_000_000);
		again.runTo(12_000_000);
		assert.equal(toHex(performed.digest()), toHex(sceneAt(performed.toString(), 12_000_000)));
		assert.equal(toHex(again.digest()), toHex(performed.digest()));
		assert.deepEqual(reasons(played), ["granted", "unknown-credential"]);
		assert.deepEqual(reasons(performed), reasons(played));
		assert.notEqual(toHex(performed.digest()), toHex(sceneOf("seed=8").digest()));
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
});

function sceneAt(script: string, micros: number): Uint8Array {
	const scene = sceneOf(script);
	scene.runTo(micros);
	return scene.digest();
}
