// SPDX-License-Identifier: Apache-2.0

import { NodeCrypto } from "../../hal/node/crypto.js";
import { BigIntCrypto } from "../../sim/page/crypto/crypto.js";
import { agree, keepsContract } from "../hal/crypto-contract.js";

const page = new BigIntCrypto();
keepsContract(page);
agree([new NodeCrypto(), page]);
