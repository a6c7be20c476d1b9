// SPDX-License-Identifier: Apache-2.0

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "chai";
import { root } from "../../support/host.js";

const SLOT = 2_490_368;

/**
 * An mcconfig that leaves an image of $IMAGE bytes, none where it is empty; a deploy leaves a file. Like the SDK's make file it
 * copies the image of ESP-IDF's build folder, and ends well also where ESP-IDF failed and an image of an earlier build lies there.
 */
const MCCONFIG = `#!/bin/sh
while [ "$1" != "" ]; do
	case "$1" in
	-o) out="$2" ;;
	-t) goal="$2" ;;
	esac
	shift
done
if [ "$goal" = deploy ]; then touch "$out/deployed"; exit 0; fi
project="$out/tmp/esp32/release/lintel/xsProj-esp32/build"
mkdir -p "$project" "$out/bin/esp32/release/lintel"
[ -z "$IMAGE" ] || head -c "$IMAGE" /dev/zero > "$project/xs_esp32.bin"
cp "$project/xs_esp32.bin" "$out/bin/esp32/release/lintel/" 2>/dev/null
exit 0
`;

describe("npm run build:esp32, with the user's SDK", () => {
	let folder: string;
	const output = (): string => join(folder, "out");
	const deployed = (): boolean => spawnSync("test", ["-e", join(output(), "deployed")]).status === 0;
	const run = (image: string, ...args: string[]): { status: number | null; text: string } => {
		const { status, stdout, stderr } = spawnSync(
			process.execPath,
			[join(root, "build/tools/esp32/build.js"), "--out", output(), ...args],
			{
				encoding: "utf8",
				env: {
					PATH: `${join(folder, "bin")}:${process.env.PATH}`,
					MODDABLE: folder,
					IDF_PATH: folder,
					IMAGE: image,
				},
			},
		);
		return { status, text: stdout + stderr };
	};

	before(() => {
		folder = mkdtempSync(join(tmpdir(), "lintel-build-"));
		for (const part of ["bin", "tools/cmake"]) mkdirSync(join(folder, part), { recursive: true });
		writeFileSync(join(folder, "tools/VERSION"), "8.2.3");
		writeFileSync(join(folder, "tools/cmake/version.cmake"), "set(IDF_VERSION_MAJOR 6)");
		writeFileSync(join(folder, "bin/mcconfig"), MCCONFIG, { mode: 0o755 });
	});
	beforeEach(() => rmSync(output(), { recursive: true, force: true }));
	after(() => {
		rmSync(folder, { recursive: true });
		rmSync(join(root, ".manifest-devkitc-8MB.json"), { force: true });
	});

	it("writes an image that fits to the board, with the partitions and sdkconfig of its flash", () => {
		const { status, text } = run(String(SLOT), "--flash", "8MB", "--deploy");
		assert.equal(status, 0, text);
		assert.include(text, "0 of its slot are spare");
		assert.isTrue(deployed());
		const manifest = JSON.parse(readFileSync(join(root, ".manifest-devkitc-8MB.json"), "utf8"));
		assert.equal(manifest.build.PARTITIONS_FILE, "./partitions/8MB.csv");
		const sdkconfig = readFileSync(join(manifest.build.SDKCONFIGPATH, "sdkconfig.defaults"), "utf8");
		assert.match(sdkconfig, /^CONFIG_ESPTOOLPY_FLASHSIZE_8MB=y$/m);
	});

	it("fails where the image is larger than its slot, and writes nothing to the board", () => {
		const { status, text } = run(String(SLOT + 1), "--flash", "8MB", "--deploy");
		assert.equal(status, 1);
		assert.include(text, "1 more than its slot");
		assert.isFalse(deployed());
	});

	it("fails where ESP-IDF did, though an image of an earlier build lies there", () => {
		assert.equal(run("1000", "--flash", "8MB").status, 0);
		const { status, text } = run("", "--flash", "8MB", "--deploy");
		assert.equal(status, 1);
		assert.include(text, "no new image");
		assert.isFalse(deployed());
	});
});
