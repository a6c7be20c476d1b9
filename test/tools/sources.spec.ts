// SPDX-License-Identifier: Apache-2.0

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { root } from "../support/host.js";

/** Folders of nothing but sources, and single scripts beside them. */
const FOLDERS = [
	...["bench", "bin", "cli", "drivers", "examples", "hal", "phone", "protocol", "sim", "site", "src"],
	...["test", "tools", "typings"],
];
const SCRIPTS = readdirSync(join(root, ".ci")).map((name) => join(".ci", name));
const SOURCE = /\.(ts|js|mjs|c|h|sh)$/;

const files = [
	...FOLDERS.flatMap((folder) =>
		readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
			.filter((name) => SOURCE.test(name) && !name.includes("node_modules"))
			.map((name) => join(folder, name)),
	),
	...SCRIPTS,
];
const read = (file: string): string => readFileSync(join(root, file), "utf8");

describe("each source file", () => {
	it("says its licence in its first line, or its second after #!", () => {
		const missing = files.filter((file) => {
			const lines = read(file).split("\n");
			const first = lines[0]!.startsWith("#!") ? lines[1] : lines[0];
			return !/^(\/\/|#) SPDX-License-Identifier: Apache-2\.0$/.test(first ?? "");
		});
		assert.deepEqual(missing, []);
	});

	// The SDK's linker freezes Error.prototype, and an assignment over a read-only property of the prototype is a TypeError.
	it("of the firmware names its errors by a field, not in their constructor", () => {
		const firmware = files.filter((file) => /^(protocol|src|drivers|hal|phone)\//.test(file));
		assert.isAbove(firmware.length, 150);
		assert.deepEqual(
			firmware.filter((file) => /^\s*this\.name = /m.test(read(file))),
			[],
		);
	});

	// In flash each method that uses a #name has 16 bytes for it, and a #method a slot of RAM in each instance.
	it("of the firmware has a #name only where a public member has the name", () => {
		const device = files.filter((file) => /^(protocol|src|drivers|hal\/(crypto|esp32))\/.*\.ts$/.test(file));
		assert.isAbove(device.length, 120);
		const WORDS = "(?:static |readonly |override |async |get |set )*";
		const needless = device.flatMap((file) => {
			const text = read(file);
			return [...text.matchAll(new RegExp(`^\\t+${WORDS}#(\\w+)\\??[(:;! =<]`, "gm"))]
				.filter(([, name]) => !new RegExp(`^\\t+${WORDS}${name}\\??[(:;! =<]`, "m").test(text))
				.map(([, name]) => `${file}: #${name}`);
		});
		assert.deepEqual(needless, []);
	});
});
