// SPDX-License-Identifier: Apache-2.0

import { providers } from "../support/providers.js";
import { agree, keepsContract } from "./crypto-contract.js";

for (const crypto of providers) keepsContract(crypto);
agree(providers);
