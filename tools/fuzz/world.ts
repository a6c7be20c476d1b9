// SPDX-License-Identifier: Apache-2.0

/** The site, reader and phones whose messages are the corpora. */
import { NodeCrypto } from "../../hal/node/crypto.js";
import { SeededRandom } from "../../sim/random.js";
import { SimSite } from "../../sim/site.js";

export const crypto = new NodeCrypto();
export const random = new SeededRandom(1);
export const site = new SimSite(crypto, random);
export const reader = site.reader("front");
export const phone = site.phone();
export const phone2 = site.phone(2);
