// SPDX-License-Identifier: Apache-2.0

/** libsodium for a microcontroller, from Debian's source package. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { debianSource, type Library } from "./debian-source.js";

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
	const source = join(debianSource(cache, "libsodium"), "src/libsodium");
	const include = join(source, "include");
	const header = join(include, "sodium/version.h");
	if (existsSync(library) && existsSync(header)) return { include, library };
	const version = readFileSync(join(include, "sodium/version.h.in"), "utf8")
		.replaceAll("@VERSION@", "1.0.18")
		.replaceAll("@SODIUM_LIBRARY_VERSION_MAJOR@", "10")
		.replaceAll("@SODIUM_LIBRARY_VERSION_MINOR@", "3")
		.replaceAll("@SODIUM_LIBRARY_MINIMAL_DEF@", "");
	writeFileSync(header, version);
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
					// As Espressif's component: wiping is memset, and not a loop over volatile bytes.
					"-DHAVE_WEAK_SYMBOLS=1",
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
