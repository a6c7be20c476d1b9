// SPDX-License-Identifier: Apache-2.0

import { PortableCrypto } from "../../hal/crypto/js/crypto.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import type { Crypto } from "../../protocol/crypto.js";

/** The crypto providers that specs run over; XS has its own list in place of this file. */
export const providers: readonly Crypto[] = [new NodeCrypto(), new PortableCrypto()];
