// SPDX-License-Identifier: Apache-2.0

import { words } from "../words.js";

export const signInWords = words({
	en: { title: "Sign in", later: "Signing in is not possible yet." },
	de: { title: "Anmelden", later: "Anmelden ist noch nicht möglich." },
});
