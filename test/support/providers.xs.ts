// SPDX-License-Identifier: Apache-2.0

import { PortableCrypto } from "../../hal/crypto/js/crypto.js";
import { NativeCrypto } from "../../hal/crypto/native/crypto.js";
import type { Crypto } from "../../protocol/crypto.js";

/** `providers.ts` on XS: the runner's map puts this file in its place. */
export const providers: readonly Crypto[] = [new NativeCrypto(), new PortableCrypto()];
