import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert } from "chai";
import { EXIT } from "../../../tools/lintel/failure.js";
import { root } from "../../support/host.js";

const lintel = (...args: string[]) =>
	spawnSync(process.execPath, [join(root, "bin/lintel.js"), ...args], { encoding: "utf8", timeout: 20_000 });

describe("lintel", () => {
	it("names every exit code in --help", () => {
		const { status, stdout } = lintel("--help");
		assert.equal(status, 0);
		for (const code of Object.values(EXIT)) assert.match(stdout, new RegExp(`^ {2}${code} `, "m"));
	});

	it("ends with 2 on a command that it does not have, and says so", () => {
		const { status, stderr } = lintel("frobnicate");
		assert.equal(status, EXIT.usage);
		assert.match(stderr, /unknown command/);
	});

	it("is the bin of the package", () => {
		const { bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
			bin: { lintel: string };
		};
		assert.equal(bin.lintel, "bin/lintel.js");
	});
});
