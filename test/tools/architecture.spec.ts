// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { runTap } from "../../sim/scenario.js";
import { root } from "../support/host.js";

const page = readFileSync(join(root, "docs/ARCHITECTURE.md"), "utf8");
/** Files that the walk of a tap names, in its order. */
const walk = [
	...page
		.split("<!-- tap -->")[1]!
		.split("<!-- /tap -->")[0]!
		.matchAll(/^\d+\. `([^`]+)`/gm),
].map(([, file]) => file!);

describe("docs/ARCHITECTURE.md", () => {
	it("names only files that there are", () => {
		const named = [...page.matchAll(/`([a-z]+\/[a-z0-9/-]+\.ts)`/g)].map(([, file]) => file!);
		assert.isAbove(named.length, 20);
		assert.deepEqual(
			named.filter((file) => !existsSync(join(root, file))),
			[],
		);
	});

	it("walks a tap in no more than 15 hops, each file once, and a tap goes through every one of them", async () => {
		assert.isAtMost(walk.length, 15);
		assert.lengthOf(new Set(walk), walk.length);
		const session = new Session();
		session.connect();
		await session.post("Profiler.enable");
		await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
		const { decision } = runTap({
			crypto: new NodeCrypto(),
			link: "nfc",
			phone: "valid",
			suite: 4,
			seed: 11,
		});
		const { result } = await session.post("Profiler.takePreciseCoverage");
		session.disconnect();
		assert.equal(decision, "granted");
		const ran = new Set(
			result
				.filter(({ functions }) => functions.some(({ ranges }) => ranges[0]!.count > 0))
				.map(({ url }) => url),
		);
		const built = (file: string): string =>
			pathToFileURL(join(root, "build", file.replace(/ts$/, "js"))).href;
		assert.deepEqual(
			walk.filter((file) => !ran.has(built(file))),
			[],
		);
	});
});
