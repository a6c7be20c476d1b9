// SPDX-License-Identifier: Apache-2.0

/**
 * Builds the host around the XS engine: `node build/tools/xs/build.js [host|rv32]`. The engine's sources come from the
 * npm package `@agoric/xsnap`, checked by its hash; libsodium, mbedTLS and BearSSL for rv32 from Debian's source packages. All
 * of it stays in `.cache/xs`, nothing of it in the repository.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { crossBearssl } from "./bearssl.js";
import { EMULATOR } from "./emulator.js";
import { crossLibsodium } from "./libsodium.js";
import { crossMbedtls } from "./mbedtls.js";

const PACKAGE = "@agoric/xsnap@0.15.0";
const INTEGRITY =
	"sha512-ZBm4DZxbtfacxMHVVdJjZi0Y8zOxN77vpu1WwI5RWfPkaRh0aHkz/dVdTGKXalDNzWfz183lljKxlxl3/h0n+A==";

export type BuildTarget = "host" | "rv32";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
export const cache = join(root, ".cache/xs");

export class MissingTool extends Error {}

/** Ends with the names of the Debian packages when a tool or file is not there. */
function need(tool: string, packages: string): void {
	try {
		execFileSync(tool, ["--version"], { stdio: "ignore" });
	} catch {
		throw new MissingTool(`${tool} is missing. On Debian: apt-get install ${packages}`);
	}
}

function needFile(path: string, packages: string): void {
	if (!existsSync(path)) throw new MissingTool(`${path} is missing. On Debian: apt-get install ${packages}`);
}

/** The engine's sources, fetched once. */
export function engineSources(): string {
	const folder = join(cache, "package/moddable/xs");
	if (existsSync(join(folder, "sources/xsRun.c"))) return folder;
	mkdirSync(cache, { recursive: true });
	const name = execFileSync("npm", ["pack", "--silent", "--pack-destination", cache, PACKAGE], {
		encoding: "utf8",
	}).trim();
	const archive = join(cache, basename(name));
	const digest = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
	if (digest !== INTEGRITY) throw new Error(`${PACKAGE} is not the one we know: ${digest}`);
	execFileSync("tar", ["-xzf", archive, "-C", cache]);
	return folder;
}

/** Functions of the engine that firmware-heap.c stands in front of. */
const WRAPPED = ["fxNewSlot", "fxNewChunk", "fxNewGrowableChunk", "fxRenewChunk"];

const RV32: readonly string[] = ["-march=rv32imac", "-mabi=ilp32"];
const PICOLIBC = ["--specs=picolibc.specs", "--oslib=semihost", "--crt0=semihost"];

export interface Toolchain {
	readonly compiler: string;
	readonly options: readonly string[];
	readonly link: readonly string[];
}

export function toolchain(target: BuildTarget): Toolchain {
	if (target === "host") {
		need("gcc", "gcc libc6-dev libsodium-dev libmbedtls-dev libbearssl-dev");
		needFile("/usr/include/sodium.h", "libsodium-dev");
		needFile("/usr/include/psa/crypto.h", "libmbedtls-dev");
		needFile("/usr/include/bearssl.h", "libbearssl-dev");
		const wrapped = WRAPPED.map((name) => `-Wl,--wrap=${name}`);
		return {
			compiler: "gcc",
			options: [],
			link: [...wrapped, "-lsodium", "-lmbedcrypto", "-lbearssl", "-lm", "-lpthread"],
		};
	}
	const packages = "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc xz-utils";
	need("riscv64-unknown-elf-gcc", packages);
	need(EMULATOR, packages);
	const compiler = "riscv64-unknown-elf-gcc";
	const cross = [...RV32, "--specs=picolibc.specs"];
	const sodium = crossLibsodium(cache, compiler, cross);
	const mbedtls = crossMbedtls(cache, compiler, cross, join(root, "hal/xs/mbedtls-config.h"));
	const bearssl = crossBearssl(cache, compiler, cross, join(root, "manifest.json"));
	return {
		compiler,
		options: [
			...cross,
			`-I${sodium.include}`,
			`-I${mbedtls.include}`,
			mbedtls.define,
			`-I${bearssl.include}`,
		],
		link: [
			...RV32,
			...PICOLIBC,
			// qemu's virt machine: 64 MB from 0x80000000, no flash to boot from.
			...["__flash=0x80000000", "__flash_size=0x00800000", "__ram=0x80800000", "__ram_size=0x03000000"].map(
				(symbol) => `-Wl,--defsym=${symbol}`,
			),
			"-Wl,--defsym=__stack_size=0x00200000",
			sodium.library,
			mbedtls.library,
			bearssl.library,
			"-lm",
		],
	};
}

/** The firmware needs neither a console nor the debugger, as a release build of the SDK. */
const DEFINES = [
	"INCLUDE_XSPLATFORM",
	'XSPLATFORM="platform.h"',
	"mxParse=1",
	"mxRun=1",
	"mxSloppy=1",
	"mxBoundsCheck=1",
	"mxNoConsole=1",
];

/** Our C for this host. */
const OWN = ["hal/xs", "hal/crypto/native"];

function newer(path: string, than: number): boolean {
	return existsSync(path) && statSync(path).mtimeMs > than;
}

/** Builds what is out of date; the path of the program. */
export function build(target: BuildTarget): string {
	const engine = engineSources();
	const tools = toolchain(target);
	const folder = join(cache, target);
	mkdirSync(folder, { recursive: true });
	const own = OWN.flatMap((part) =>
		readdirSync(join(root, part))
			.filter((name) => name.endsWith(".c"))
			.map((name) => join(root, part, name)),
	);
	own.push(join(root, "hal/esp32/bits.c"));
	const headers = OWN.flatMap((part) =>
		readdirSync(join(root, part))
			.filter((name) => name.endsWith(".h"))
			.map((name) => join(root, part, name)),
	);
	const headerTime = Math.max(...headers.map((path) => statSync(path).mtimeMs));
	const platformTime = statSync(join(root, "hal/xs/platform.h")).mtimeMs;
	const options = [
		"-O2",
		"-g",
		"-fno-common",
		...tools.options,
		...DEFINES.map((define) => `-D${define}`),
		...["includes", "platforms", "sources"].map((part) => `-I${join(engine, part)}`),
		`-I${join(root, "hal/xs")}`,
	];
	const objects: string[] = [];
	const compile = (source: string, warnings: readonly string[], time: number): void => {
		const object = join(folder, `${basename(dirname(source))}-${basename(source, ".c")}.o`);
		objects.push(object);
		if (newer(object, Math.max(time, statSync(source).mtimeMs))) return;
		execFileSync(tools.compiler, [...options, ...warnings, "-c", source, "-o", object], { stdio: "inherit" });
	};
	const sources = join(engine, "sources");
	for (const name of readdirSync(sources).filter((name) => name.endsWith(".c")))
		compile(join(sources, name), ["-w"], platformTime);
	for (const source of own)
		compile(
			source,
			[
				"-Wall",
				"-Wextra",
				"-Werror",
				"-Wno-unused-parameter",
				"-Wno-format-truncation",
				"-Wno-misleading-indentation",
				"-Wno-clobbered",
				"-Wno-sign-compare",
			],
			headerTime,
		);
	const program = join(folder, "lintel-xs");
	const latest = Math.max(...objects.map((object) => statSync(object).mtimeMs));
	if (!newer(program, latest))
		execFileSync(tools.compiler, [...objects, ...tools.link, "-o", program], { stdio: "inherit" });
	return program;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const target = process.argv[2] ?? "host";
	if (target !== "host" && target !== "rv32") {
		process.stderr.write("build: host or rv32\n");
		process.exit(1);
	}
	try {
		process.stdout.write(`${build(target)}\n`);
	} catch (error) {
		process.stderr.write(`build: ${(error as Error).message}\n`);
		process.exit(1);
	}
}
