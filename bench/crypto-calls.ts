// SPDX-License-Identifier: Apache-2.0

/**
 * On the emulated microcontroller: each call of the Crypto contract by itself, with the sizes of a tap. Prints one line of
 * JSON: instructions of one call, the provider's JavaScript included.
 */
import { native } from "../hal/crypto/native/binding.js";
import { NativeCrypto, NativeRandom } from "../hal/crypto/native/crypto.js";

declare const host: { instructions(): number; collect(): void; print(line: string): void };

const crypto = new NativeCrypto();
const RUNS = 4;
const bytes = (length: number, from = 1): Uint8Array =>
	Uint8Array.from({ length }, (_, i) => (i * 7 + from) & 255);

const cryptoCalls: { call: string; instructions: number }[] = [];

function work(run: () => unknown): number {
	host.collect();
	const start = host.instructions();
	for (let i = 0; i < RUNS; i++) run();
	return host.instructions() - start;
}

/** `good`: the call gives what a tap would go on with. */
function measure(call: string, run: () => unknown): void {
	const result = run();
	if (result === undefined || result === false) throw new Error(`${call}: refused`);
	const loops = work(() => undefined);
	cryptoCalls.push({ call, instructions: Math.round((work(run) - loops) / RUNS) });
}

const message = bytes(256);
const seed = bytes(32, 3);
const ed = crypto.ed25519KeyPair(seed);
const edSignature = crypto.ed25519Sign(message, ed.secretKey);
measure("Ed25519 key pair", () => crypto.ed25519KeyPair(seed));
measure("Ed25519 sign, 256 bytes", () => crypto.ed25519Sign(message, ed.secretKey));
measure("Ed25519 verify, 256 bytes", () => crypto.ed25519Verify(edSignature, message, ed.publicKey));

const x = crypto.x25519KeyPair(bytes(32, 9));
measure("X25519 key pair", () => crypto.x25519KeyPair(seed));
measure("X25519 agreement", () => crypto.x25519(seed, x.publicKey));

const p = crypto.p256KeyPair(bytes(32, 9))!;
const compressed = p.publicKey.slice(0, 33);
compressed[0] = 2 + (p.publicKey[64]! & 1);
const pSignature = crypto.p256Sign(message, p.secretKey);
measure("P-256 key pair", () => crypto.p256KeyPair(seed));
measure("P-256 agreement, peer's whole point", () => crypto.p256SharedSecret(seed, p.publicKey));
measure("P-256 agreement, peer's x alone", () => crypto.p256SharedSecret(seed, compressed));
measure("ECDSA P-256 sign, 256 bytes", () => crypto.p256Sign(message, p.secretKey));
measure("ECDSA P-256 verify, whole point", () => crypto.p256Verify(pSignature, message, p.publicKey));
measure("ECDSA P-256 verify, x and the sign of y", () => crypto.p256Verify(pSignature, message, compressed));

const [key16, key32, nonce12, nonce13, aad] = [bytes(16), bytes(32), bytes(12), bytes(13), bytes(45)];
const ccm = crypto.aesCcmSeal(key16, nonce13, aad, message, 8);
const chacha = crypto.chacha20Poly1305Seal(key32, nonce12, aad, message);
measure("AES-CCM-16-64-128 seal, 256 bytes", () => crypto.aesCcmSeal(key16, nonce13, aad, message, 8));
measure("AES-CCM-16-64-128 open, 256 bytes", () => crypto.aesCcmOpen(key16, nonce13, aad, ccm, 8));
measure("ChaCha20-Poly1305 seal, 256 bytes", () => crypto.chacha20Poly1305Seal(key32, nonce12, aad, message));
measure("ChaCha20-Poly1305 open, 256 bytes", () => crypto.chacha20Poly1305Open(key32, nonce12, aad, chacha));

const [short, page] = [bytes(64), bytes(1024)];
measure("SHA-256, 64 bytes", () => crypto.sha256(short));
measure("SHA-256, 1024 bytes", () => crypto.sha256(page));
measure("HMAC-SHA-256, 32 bytes", () => crypto.hmacSha256(key32, seed));
measure("HMAC-SHA-256, 1024 bytes", () => crypto.hmacSha256(key32, page));
measure("HKDF-Expand to 32 bytes", () => crypto.hkdfExpand(key32, aad, 32));
measure("HKDF-Expand to 224 bytes", () => crypto.hkdfExpand(key32, aad, 224));
const stream = bytes(256, 5);
measure("XOR, 256 bytes", () => crypto.xor(stream, message) ?? true);
measure("compare, 32 bytes", () => crypto.equal(key32, key32));
const random = new NativeRandom();
const secret = new Uint8Array(32);
measure("random, 32 bytes (the emulation's generator)", () => random.fill(secret) ?? true);
measure("wipe, 32 bytes", () => crypto.wipe(secret) ?? true);

/** Extremes among them: the bits of a secret that a branch could go by are all different. */
const SECRETS = [
	Uint8Array.of(...new Uint8Array(31), 1),
	Uint8Array.of(0x40, ...new Uint8Array(31)),
	new Uint8Array(32).fill(0x7f),
	new Uint8Array(32).fill(0x11),
	...[1, 2, 3, 4].map((from) => bytes(32, 40 * from)),
];
const into32 = new Uint8Array(32);
const into64 = new Uint8Array(64);
const into65 = new Uint8Array(65);

/** Ends the bench where the instructions of a call differ from one secret to the other. By C alone, which allocates nothing. */
function constant(call: string, run: (key: Uint8Array) => unknown, keys = SECRETS): void {
	host.collect();
	const costs = keys.map((key) => {
		const start = host.instructions();
		run(key);
		return host.instructions() - start;
	});
	if (costs.some((cost) => cost !== costs[0]))
		throw new Error(`${call} depends on its secret: ${costs.join(", ")}`);
}

constant("P-256 key pair", (key) => native.p256Public(into65, key));
constant("P-256 agreement", (key) => native.p256SharedSecret(into32, key, compressed));
constant("ECDSA P-256 sign", (key) => native.p256Sign(into64, message, key));
constant("X25519 key pair", (key) => native.x25519Public(into32, key));
constant("X25519 agreement", (key) => native.x25519(into32, key, x.publicKey));
const edSecrets = SECRETS.map((one) => crypto.ed25519KeyPair(one).secretKey);
constant("Ed25519 sign", (key) => native.ed25519Sign(into64, message, key), edSecrets);

host.print(JSON.stringify({ cryptoCalls }));
