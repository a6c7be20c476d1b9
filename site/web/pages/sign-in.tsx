// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { Heading } from "../parts/heading.js";
import { signInWords } from "../words/sign-in.js";

export function SignIn(): JSX.Element {
	const t = signInWords();
	return (
		<>
			<Heading title={t.title} />
			<p>{t.later}</p>
		</>
	);
}
