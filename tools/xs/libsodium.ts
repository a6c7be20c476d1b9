/** libsodium for a microcontroller, from Debian's source package. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

export interface Library {
	readonly include: string;
	readonly library: string;
}

/** Fetches `libsodium_*.orig.tar.gz` with apt lists of its own: the system's need no `deb-src` line. */
function fetchSource(folder: string): string {
	const orig = (): string | undefined =>
		readdirSync(folder).find((name) => /^libsodium_.*\.orig\.tar\.gz$/.test(name));
	mkdirSync(join(folder, "lists/partial"), { recursive: true });
	const have = orig();
	if (have) return join(folder, have);
	const release = readFileSync("/etc/os-release", "utf8");
	const codename = /^VERSION_CODENAME=(\w+)/m.exec(release)?.[1];
	if (!codename) throw new Error("libsodium's source package is fetched on Debian only");
	const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
	writeFileSync(
		join(folder, "src.list"),
		`deb-src [signed-by=${keyring}] http://deb.debian.org/debian ${codename} main\n`,
	);
	const options = [
		`Dir::Etc::sourcelist=${join(folder, "src.list")}`,
		"Dir::Etc::sourceparts=-",
		`Dir::State::lists=${join(folder, "lists")}`,
		"Dir::Cache::pkgcache=",
		"Dir::Cache::srcpkgcache=",
	].flatMap((option) => ["-o", option]);
	const run = (...args: string[]): void => {
		execFileSync("apt-get", [...options, "-qq", ...args], {
			cwd: folder,
			stdio: ["ignore", "ignore", "inherit"],
		});
	};
	run("update");
	run("source", "--download-only", "libsodium");
	const got = orig();
	if (!got) throw new Error("apt-get source libsodium gave no source archive");
	return join(folder, got);
}

/** Folders of libsodium's C that the provider needs; the portable ("ref") variants, no assembler. */
const PARTS = [
	"crypto_aead/chacha20poly1305/sodium",
	"crypto_auth/hmacsha256",
	"crypto_core/ed25519",
	"crypto_core/ed25519/ref10",
	"crypto_core/hchacha20",
	"crypto_core/hsalsa20",
	"crypto_core/hsalsa20/ref2",
	"crypto_core/salsa/ref",
	"crypto_generichash/blake2b/ref",
	"crypto_hash/sha256",
	"crypto_hash/sha256/cp",
	"crypto_hash/sha512",
	"crypto_hash/sha512/cp",
	"crypto_onetimeauth/poly1305",
	"crypto_onetimeauth/poly1305/donna",
	"crypto_scalarmult",
	"crypto_scalarmult/curve25519",
	"crypto_scalarmult/curve25519/ref10",
	"crypto_sign/ed25519",
	"crypto_sign/ed25519/ref10",
	"crypto_sign",
	"crypto_stream/chacha20",
	"crypto_stream/chacha20/ref",
	"crypto_verify/sodium",
	"randombytes",
	"sodium",
];

/** Their start-up chooses among implementations; these are for processors that are not here. */
const WITHOUT = new Set(["core.c"]);

export function crossLibsodium(cache: string, compiler: string, options: readonly string[]): Library {
	const folder = join(cache, "libsodium");
	const library = join(folder, "libsodium.a");
	mkdirSync(folder, { recursive: true });
	const archive = fetchSource(folder);
	const name = readdirSync(folder).find((entry) => /^libsodium-[\d.]+(-stable)?$/.test(entry));
	if (!name) execFileSync("tar", ["-xzf", archive, "-C", folder]);
	const tree = join(folder, readdirSync(folder).find((entry) => /^libsodium-[\d.]+(-stable)?$/.test(entry))!);
	const source = join(tree, "src/libsodium");
	const include = join(source, "include");
	if (existsSync(library)) return { include, library };
	const version = readFileSync(join(include, "sodium/version.h.in"), "utf8")
		.replaceAll("@VERSION@", "1.0.18")
		.replaceAll("@SODIUM_LIBRARY_VERSION_MAJOR@", "10")
		.replaceAll("@SODIUM_LIBRARY_VERSION_MINOR@", "3")
		.replaceAll("@SODIUM_LIBRARY_MINIMAL_DEF@", "");
	writeFileSync(join(include, "sodium/version.h"), version);
	const objects: string[] = [];
	for (const part of PARTS) {
		for (const file of readdirSync(join(source, part)).filter((f) => f.endsWith(".c") && !WITHOUT.has(f))) {
			const object = join(folder, `${part.replaceAll("/", "_")}_${basename(file, ".c")}.o`);
			execFileSync(compiler, [
				...options,
				...[
					"-O2",
					"-w",
					"-DCONFIGURED=1",
					"-DNATIVE_LITTLE_ENDIAN=1",
					"-DRANDOMBYTES_CUSTOM_IMPLEMENTATION=1",
					"-DRANDOMBYTES_DEFAULT_IMPLEMENTATION=NULL",
				],
				`-I${include}`,
				`-I${join(include, "sodium")}`,
				...["-c", join(source, part, file), "-o", object],
			]);
			objects.push(object);
		}
	}
	execFileSync(compiler.replace(/gcc$/, "ar"), ["rcs", library, ...objects]);
	return { include, library };
}
