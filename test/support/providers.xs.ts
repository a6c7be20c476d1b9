import type { Crypto } from "../../hal/contracts.js";
import { NativeCrypto } from "../../hal/native/crypto.js";
import { PortableCrypto } from "../../hal/portable/crypto.js";

/** `providers.ts` on XS: the runner's map puts this file in its place. */
export const providers: readonly Crypto[] = [new NativeCrypto(), new PortableCrypto()];
