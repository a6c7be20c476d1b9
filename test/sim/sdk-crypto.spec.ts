/** The crypto of the SDK's simulators, both ends of its bus joined without an engine in between. */
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { SeededRandom } from "../../sim/random.js";
import { NativeCrypto } from "../../sim/sdk/crypto.js";
import { cryptoOf } from "../../sim/sdk/crypto-calls.js";
import { QuickCrypto } from "../../sim/sdk/quick-crypto.js";
import { OPERATIONS, pack, unpack } from "../../sim/sdk/wire.js";

describe("crypto in the SDK's simulators", () => {
	const random = new SeededRandom(9);
	const node = new NodeCrypto();
	const message = random.bytes(300);
	const seed = random.bytes(32);
	const signing = node.ed25519KeyPair(seed);
	const p256 = node.p256KeyPair(seed)!;
	const peer = node.x25519KeyPair(random.bytes(32));
	const [key, nonce, aad] = [random.bytes(32), random.bytes(12), random.bytes(20)];
	const ccm = [random.bytes(16), random.bytes(13), aad] as const;
	const remote = new NativeCrypto();
	const scope = globalThis as { host?: unknown };

	before(() => {
		const handlers = cryptoOf(node);
		scope.host = {
			call(call: number, a: number, b: number, c: number, out?: Uint8Array, into?: Uint8Array): number {
				const result = handlers[call]!(a, b, c, out ?? new Uint8Array());
				if (!(result instanceof Uint8Array)) return typeof result === "number" ? result : 0;
				into!.set(result.subarray(0, into!.length));
				return result.length;
			},
		};
	});
	after(() => {
		delete scope.host;
	});

	it("carries every operation there and back as it is", () => {
		const results = (crypto: NodeCrypto | NativeCrypto): Record<(typeof OPERATIONS)[number], unknown[]> => ({
			sha256: [crypto.sha256(message)],
			hmacSha256: [crypto.hmacSha256(key, message)],
			hkdfExpand: [crypto.hkdfExpand(key, aad, 77)],
			ed25519KeyPair: [crypto.ed25519KeyPair(seed)],
			ed25519Sign: [crypto.ed25519Sign(message, signing.secretKey)],
			ed25519Verify: [node.ed25519Sign(message, signing.secretKey), random.bytes(64)].map((signature) =>
				crypto.ed25519Verify(signature, message, signing.publicKey),
			),
			x25519KeyPair: [crypto.x25519KeyPair(seed)],
			// The second is a point of small order (RFC 7748 6.1).
			x25519: [crypto.x25519(seed, peer.publicKey), crypto.x25519(seed, new Uint8Array(32))],
			p256KeyPair: [crypto.p256KeyPair(seed), crypto.p256KeyPair(new Uint8Array(32))],
			p256SharedSecret: [crypto.p256SharedSecret(seed, p256.publicKey)],
			p256Sign: [crypto.p256Verify(crypto.p256Sign(message, seed), message, p256.publicKey)],
			p256Verify: [crypto.p256Verify(random.bytes(64), message, p256.publicKey)],
			aesCcmSeal: [crypto.aesCcmSeal(...ccm, message, 8)],
			aesCcmOpen: [8, 16].map((tag) => crypto.aesCcmOpen(...ccm, node.aesCcmSeal(...ccm, message, 8), tag)),
			chacha20Poly1305Seal: [crypto.chacha20Poly1305Seal(key, nonce, aad, message)],
			chacha20Poly1305Open: [
				crypto.chacha20Poly1305Open(key, nonce, aad, node.chacha20Poly1305Seal(key, nonce, aad, message)),
				crypto.chacha20Poly1305Open(key, nonce, aad, message),
			],
			equal: [crypto.equal(key, key.slice()), crypto.equal(key, seed)],
		});
		const [here, there] = [results(node), results(remote)];
		for (const operation of OPERATIONS) {
			// A random signature is another each time.
			if (operation !== "ed25519Verify") assert.deepEqual(there[operation], here[operation], operation);
			else assert.deepEqual(there[operation], [true, false]);
		}
		assert.deepEqual(
			remote.hash().update(aad).update(message).digest(),
			node.hash().update(aad).update(message).digest(),
		);
	});

	it("packs what it unpacks", () => {
		const parts = [new Uint8Array(), random.bytes(1), random.bytes(300)];
		assert.deepEqual(unpack(pack(parts)), parts);
	});

	it("makes and checks the world's keys as node:crypto does", () => {
		const quick = new QuickCrypto();
		assert.deepEqual(quick.ed25519KeyPair(seed), signing);
		const signature = quick.ed25519Sign(message, signing.secretKey);
		assert.deepEqual(signature, node.ed25519Sign(message, signing.secretKey));
		assert.isTrue(quick.ed25519Verify(signature, message, signing.publicKey));
		assert.isFalse(quick.ed25519Verify(signature, aad, signing.publicKey));
		assert.isFalse(quick.ed25519Verify(signature.subarray(1), message, signing.publicKey));
		assert.deepEqual(quick.x25519KeyPair(seed), node.x25519KeyPair(seed));
	});
});
