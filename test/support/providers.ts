import type { Crypto } from "../../hal/contracts.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { PortableCrypto } from "../../hal/portable/crypto.js";

/** The crypto providers that specs run over; XS has its own list in place of this file. */
export const providers: readonly Crypto[] = [new NodeCrypto(), new PortableCrypto()];
