// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { root } from "../support/host.js";

const read = (path: string): string => readFileSync(join(root, path), "utf8");

describe("NOTICE", () => {
	it("names each package that an installation brings, with the licence that the package names", () => {
		const { dependencies, optionalDependencies } = JSON.parse(read("package.json"));
		const { packages } = JSON.parse(read("package-lock.json"));
		for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
			const line = read("NOTICE")
				.split("\n")
				.find((each) => each.trim().split(/\s/)[0] === name);
			assert.isDefined(line, name);
			assert.include(line, packages[`node_modules/${name}`].license, name);
		}
	});
});
