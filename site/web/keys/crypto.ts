// SPDX-License-Identifier: Apache-2.0

import { PortableCrypto } from "../../../hal/crypto/js/crypto.js";

/** For the work of an administrator's page; nothing of it is done for each tap. */
export const crypto = new PortableCrypto();
