// SPDX-License-Identifier: Apache-2.0

import { inWords } from "../../site/lib/log/describe.js";
import type { Scene } from "./scene.js";
import { formatScript } from "./script.js";

/** A package that the text imports and this file does not. */
const ASSERTIONS = "chai";

/** A spec for `test/sim/scene` that plays the scene's script up to now, and wants the log and the door as they are now. */
export function specOf(scene: Scene): string {
	scene.settle();
	const script = formatScript({ ...scene.script, steps: scene.done });
	const { door, light } = scene.state();
	const log = scene.world.auditor.entries().map(inWords);
	return `// SPDX-License-Identifier: Apache-2.0

import { assert } from ${JSON.stringify(ASSERTIONS)};
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { Scene } from "../../../sim/scene/scene.js";
import { parseScript } from "../../../sim/scene/script.js";
import { inWords } from "../../../site/lib/log/describe.js";

describe("a scene of the simulator", () => {
	it("goes as it went on the page", () => {
		const script = ${JSON.stringify(script)};
		const scene = new Scene({ crypto: new NodeCrypto(), script: parseScript(script) });
		scene.runTo(${scene.micros});
		assert.deepEqual(scene.world.auditor.entries().map(inWords), [
${log.map((line) => `\t\t\t${JSON.stringify(line)},\n`).join("")}\t\t]);
		const { door, light } = scene.state();
		assert.deepEqual(door, ${JSON.stringify(door)});
		assert.equal(light, ${JSON.stringify(light)});
	});
});
`;
}
