import type { Crypto } from "../hal/contracts.js";
import { NativeCrypto } from "../hal/native/crypto.js";
import { fromHex } from "../src/bytes.js";

/** A P-256 point (the generator, SEC 2 2.4.2), since the emulated build has no P-256: part of a credential nobody uses. */
const POINT = fromHex(
	"046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
		"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
);

/** Crypto of the simulated world on the emulated microcontroller. */
export class WorldCrypto extends NativeCrypto {
	override p256KeyPair(secretKey: Uint8Array): ReturnType<Crypto["p256KeyPair"]> {
		return { publicKey: POINT, secretKey };
	}
}
