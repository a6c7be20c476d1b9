// SPDX-License-Identifier: Apache-2.0

/** What `hal/crypto/native/binding.js` is in the SDK: here the host has put the functions on its own object. */
import type { native as functions } from "../crypto/native/binding.js";

declare const host: typeof functions;

export const native = host;
