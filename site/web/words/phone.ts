// SPDX-License-Identifier: Apache-2.0

import { words } from "../words.js";

/** The phone's page. It speaks of keys: that is what its holder has. */
export const phoneWords = words({
	en: {
		title: "Your keys",
		skip: "Skip to content",
		language: "Language",
		pages: "Pages",
		keys: "Keys",
		add: "Add a key",
		help: "Lost or new phone",
		loading: "Loading …",
		again: "Try again",
		cancel: "Cancel",
		copy: "Copy",
		copied: "Copied.",
		offline: "No connection to the site.",
		toldAt: (when: string) => `As the site said it ${when}.`,

		noKeys: "There is no key on this phone",
		noKeysText:
			"You get a key by a link that your site sends you by e-mail or SMS. Open it on this phone, or paste it under “Add a key”.",
		hadKeys:
			"If you had a key here, the browser has deleted it: some do so after 7 days without a visit, all do when you clear what they have stored. It cannot be brought back. Ask the one who invited you for a fresh link: it gives you a new key and ends the old one.",
		mayVanish:
			"This browser may delete your keys when the phone runs out of storage. Put this page on the home screen, then it keeps them.",
		iosMayVanish:
			"Safari deletes your keys after 7 days without a visit. They stay where the page is on the home screen: tap Share, then “Add to Home Screen”. The page there begins without a key: ask for a fresh link, and paste it there.",

		addText: "Paste the link from your invitation.",
		link: "Link",
		addAct: "Open the invitation",
		noLink:
			"This is no link of an invitation. It looks like https://doors.example/i/… and is copied whole from the message.",
		otherSite: (host: string, here: string) =>
			`This link is of another site, ${host}. You can keep its key on this page beside the others; then the operator of this page (${here}) could use it while the page is open. Or open the link by itself: then each site has a page of its own.`,
		otherHere: "Keep it on this page",
		otherThere: "Open it by itself",

		invited: (site: string) => `${site} invites you`,
		person: "For",
		doors: "Doors",
		when: "When",
		everyDoor: "every door",
		always: "at any time",
		never: "never",
		daily: "daily",
		hours: (days: string, from: string, to: string) => `${days} ${from} to ${to}`,
		holidays: "on holidays too",
		valid: "Valid",
		fromTo: (from: string, to: string) => `${from} to ${to}`,
		from: (date: string) => `from ${date}`,
		until: (date: string) => `until ${date}`,
		acceptAct: "Accept the key",
		acceptText:
			"The key is made on this phone and never leaves it. Use the browser that you always use, not a private window.",
		acceptUntil: (when: string) => `The link can be used until ${when}.`,
		replaces: "This key takes the place of the one on your other phone, which ends as soon as you accept.",
		accepted: "The key is on this phone.",
		refusals: {
			unreachable: "The site does not answer. Check that you are connected to the internet, then try again.",
			"no-site": "What answered is no site of Lintel, or one of another version.",
			"unknown-link":
				"This link is not good: it is not whole, or a newer one took its place. Copy it whole from the newest message, or ask the one who invited you for a fresh one.",
			used: "This link was used already, on another phone or in another browser. Each link is good for one phone: ask the one who invited you for a fresh one.",
			expired: "This link is too old. Ask the one who invited you for a fresh one.",
			withdrawn: "This link was withdrawn. If you need access, ask the one who invited you.",
			"too-many-tries": "Too many tries. Wait a minute, then try again.",
			"no-issue-key": "The site can make no keys for phones at present. Tell the one who invited you.",
			"no-https": "The site can make no keys for phones at present. Tell the one who invited you.",
			"clock-off": "This phone's clock is wrong. Set it right, then try again.",
			"not-by-mail": "This site sends no links for lost phones by itself. Ask the one who invited you.",
			revoked: "Your site has ended this key.",
			"may-not-lend": "Your site does not let you lend passes any more.",
			"too-many-passes": "You have lent as many passes as you may. Withdraw some first.",
			"bad-window": "A pass begins now or later, and ends after that.",
			"other-doors": "You may not lend passes for this door.",
			"too-long": "Your site lets you lend passes for a shorter time only.",
			"too-often": "Your site lets you lend passes that open fewer times only.",
			"not-stored":
				"The browser did not store the key: its storage is full, or this is a private window. Make room, or open the link in an ordinary window, then accept again.",
		},
		obstacles: {
			insecure:
				"This page was not opened by https, and browsers make keys by https alone. Tell the one who invited you.",
			"inner-browser":
				"You see this page inside of another app, which would lose your key. Open it in your browser: choose “Open in browser” in this app's menu, or copy the link and paste it into Chrome, Safari or Firefox.",
			"no-ed25519":
				"This browser is too old to make such a key. Update it: Chrome and Edge from version 137, Safari from 17, Firefox from 129.",
			"no-storage":
				"This browser stores nothing here: it is a private window, or storing is switched off. Open the link in an ordinary window.",
		},
		cannot: "A key cannot be kept here",
		iosTab: "Put this page on the home screen first",
		iosTabText:
			"Safari deletes what a page has stored after 7 days without a visit. On the home screen your key stays: tap Share, then “Add to Home Screen”, open the page from there, and accept the key there.",
		iosTabAct: "Accept it here nevertheless",
		copyLink: "Copy the link",

		active: (has: number, of: number) => `Active on ${has} of ${of} doors`,
		waiting: (doors: string) =>
			`Not yet at: ${doors}. A door that has no connection gets it when it has one again.`,
		noDoors: "At no door at present. Ask your site if that is not right.",
		states: {
			paused: "Paused",
			withdrawn: "Withdrawn",
			early: "Not valid yet",
			over: "Over",
			stale: "Has to be renewed",
		},
		stateTexts: {
			paused:
				"Your site has paused your access. On this phone there is nothing to do; ask your site when it goes on.",
			withdrawn:
				"Your site has ended this key: it opens no door any more. If you need access, ask for a fresh link. This key can be removed.",
			early: "It opens doors from the date below.",
			over: "Its time is over. If you need access, ask your site. This key can be removed.",
			stale: "This key was not renewed for too long. Connect this phone to the internet and open this page.",
		},
		details: "Doors and times",
		has: "has it",
		waits: "waits for it",

		open: "Open a door",
		opening: "Connecting to the door …",
		openAgain: "Open the same door again",
		openOther: "Open another door",
		openHint: "Stand at the door. The browser asks for the reader: choose the one that it shows.",
		noAdapter: "Bluetooth is off, or this browser may not use it. Switch it on, then try again.",
		noBluetooth: "This browser gives pages no Bluetooth: show the code to the door's scanner.",
		noWay:
			"This browser gives pages no Bluetooth, and there is no code for scanners. Use Chrome or Edge, on Android or on a computer.",
		lost: "The connection to the door was lost. Stay near it and try again.",
		wantsTap: "This door wants to be opened from this page, and something changed what was said. Try again.",
		atDoor: (door: string, text: string) => `${door}: ${text}`,

		showCode: "Show the code",
		code: (site: string) => `Code for a scanner of ${site}`,
		codeText: "Hold the screen a hand's width from the scanner, at full brightness.",
		codeEach: "A new code comes every 15 seconds; a picture of one is worth nothing soon after.",
		clockAhead: (by: string) =>
			`This phone's clock is ${by} ahead of the site's. The code goes by the site's time. Set the clock right where a scanner refuses it.`,
		clockBehind: (by: string) =>
			`This phone's clock is ${by} behind the site's. The code goes by the site's time. Set the clock right where a scanner refuses it.`,
		codeFailed: "The browser could not make the code. Load this page anew.",

		remove: "Remove",
		removeTitle: (site: string) => `Remove the key of ${site}?`,
		removeText:
			"The key is deleted from this phone and cannot be brought back; for another one you need a fresh link. Your site does not hear of it: tell it where you do not trust this phone any more.",
		removed: "The key was removed.",

		lend: "Lend a pass",
		lendTitle: (site: string) => `Passes of ${site}`,
		lendText: "A pass lets a visitor in, at doors and for a time that you choose. It is in your name.",
		visitor: "Name of the visitor",
		begins: "Begins",
		ends: "Ends",
		openings: "How often it opens",
		openingsHint: "Empty: as often as the visitor likes. A number is for one door.",
		lendAct: "Make the pass",
		chooseDoor: "Choose a door.",
		chooseOneDoor: "A pass with a number is for one door: choose one.",
		endFirst: "The end has to be after the beginning.",
		lent: (name: string) => `The pass for ${name}`,
		lentText: "Hand this link to the visitor: let it be scanned, or send it. It is good for one phone.",
		lentPicture: "The link as a code for the other phone's camera",
		share: "Send the link",
		passes: "Passes that you have lent",
		noPasses: "None.",
		withdraw: "Withdraw",
		withdrawTitle: (name: string) => `Withdraw the pass for ${name}?`,
		withdrawText: "It opens no door any more.",
		withdrawn: "The pass was withdrawn.",
		passStates: {
			open: "not accepted yet",
			accepted: "on the visitor's phone",
			expired: "over",
			withdrawn: "withdrawn",
		},
		pass: "Visitor's pass",
		times: { one: "opens once", other: "opens # times" },
		timesLeft: { one: "opens one more time", other: "opens # more times" },

		move: "New phone",
		moveTitle: (site: string) => `The key of ${site} on a new phone`,
		moveText:
			"While this phone still works it can hand its key on: the new phone makes a key of its own, and the one here ends in the same moment. Have the new phone at hand.",
		moveAct: "Make the link for the new phone",
		moveLink: "Open this link on the new phone",
		moveLinkText:
			"Scan it with the camera of the new phone, and accept there. It is for you alone, and good for one phone.",

		lostEmail: "Your e-mail address",
		lostHint: "The one to which your site sends. The fresh link comes there.",
		lostAct: "Send me a fresh link",
		lostSent:
			"If the site knows this address, a fresh link is on its way to it. The key on the lost phone ends when you accept the new one; tell the site if it should end at once.",

		helpLost: "You have lost your phone",
		helpLostText:
			"Tell the one who invited you at once. They end the key on the lost phone, and each door that has a connection refuses it within seconds. Until then the phone's screen lock keeps others from the key.",
		helpNew: "You have a new phone",
		helpNewText:
			"A key cannot be copied from phone to phone. While the old phone still works, choose “New phone” at your key there. Else ask the one who invited you for a fresh link, and open it on the new phone: the new key begins and the old one ends, in one step.",
		helpGone: "Your key has gone from this page",
		helpGoneText:
			"Browsers delete what pages have stored when you clear their data, and Safari after 7 days without a visit. Then a fresh link is needed, as for a new phone. Keys of a page on the home screen stay.",
		helpAsk: "Whom to ask",
		helpAskText:
			"The e-mail or SMS with your link says who sent it: answer it, or ask at your site's office. You may send this:",
		letter: (site: string) =>
			`Hello, my key for ${site} is gone from my phone. Please send me a fresh link, and end the old key.`,
		yourSite: "our doors",
	},
	de: {
		title: "Ihre Schlüssel",
		skip: "Zum Inhalt",
		language: "Sprache",
		pages: "Seiten",
		keys: "Schlüssel",
		add: "Schlüssel hinzufügen",
		help: "Telefon verloren oder neu",
		loading: "Wird geladen …",
		again: "Nochmals versuchen",
		cancel: "Abbrechen",
		copy: "Kopieren",
		copied: "Kopiert.",
		offline: "Keine Verbindung zur Anlage.",
		toldAt: (when: string) => `Stand der Anlage: ${when}.`,

		noKeys: "Auf diesem Telefon ist kein Schlüssel",
		noKeysText:
			"Einen Schlüssel bekommen Sie durch einen Link, den Ihre Anlage per E-Mail oder SMS schickt. Öffnen Sie ihn auf diesem Telefon, oder fügen Sie ihn unter „Schlüssel hinzufügen“ ein.",
		hadKeys:
			"Wenn hier ein Schlüssel war, hat ihn der Browser gelöscht: manche tun das nach 7 Tagen ohne Besuch, alle, wenn Sie gespeicherte Daten löschen. Er lässt sich nicht zurückholen. Bitten Sie die Person, die Sie eingeladen hat, um einen neuen Link: er gibt Ihnen einen neuen Schlüssel und beendet den alten.",
		mayVanish:
			"Dieser Browser kann Ihre Schlüssel löschen, wenn der Speicher knapp wird. Legen Sie diese Seite auf den Startbildschirm, dann behält er sie.",
		iosMayVanish:
			"Safari löscht Ihre Schlüssel nach 7 Tagen ohne Besuch. Sie bleiben, wo die Seite auf dem Home-Bildschirm ist: tippen Sie auf Teilen, dann „Zum Home-Bildschirm“. Die Seite dort beginnt ohne Schlüssel: bitten Sie um einen neuen Link und fügen Sie ihn dort ein.",

		addText: "Fügen Sie den Link aus Ihrer Einladung ein.",
		link: "Link",
		addAct: "Einladung öffnen",
		noLink:
			"Das ist kein Link einer Einladung. Er sieht aus wie https://tueren.example/i/… und wird ganz aus der Nachricht kopiert.",
		otherSite: (host: string, here: string) =>
			`Dieser Link gehört zu einer anderen Anlage, ${host}. Sie können deren Schlüssel auf dieser Seite neben den anderen aufbewahren; dann könnte der Betreiber dieser Seite (${here}) ihn benutzen, solange die Seite offen ist. Oder öffnen Sie den Link für sich: dann hat jede Anlage ihre eigene Seite.`,
		otherHere: "Auf dieser Seite aufbewahren",
		otherThere: "Für sich öffnen",

		invited: (site: string) => `${site} lädt Sie ein`,
		person: "Für",
		doors: "Türen",
		when: "Wann",
		everyDoor: "jede Tür",
		always: "jederzeit",
		never: "nie",
		daily: "täglich",
		hours: (days: string, from: string, to: string) => `${days} ${from} bis ${to}`,
		holidays: "auch an Feiertagen",
		valid: "Gültig",
		fromTo: (from: string, to: string) => `${from} bis ${to}`,
		from: (date: string) => `ab ${date}`,
		until: (date: string) => `bis ${date}`,
		acceptAct: "Schlüssel annehmen",
		acceptText:
			"Der Schlüssel entsteht auf diesem Telefon und verlässt es nie. Nehmen Sie den Browser, den Sie immer benutzen, kein privates Fenster.",
		acceptUntil: (when: string) => `Der Link gilt bis ${when}.`,
		replaces: "Dieser Schlüssel ersetzt den auf Ihrem anderen Telefon; jener endet, sobald Sie annehmen.",
		accepted: "Der Schlüssel ist auf diesem Telefon.",
		refusals: {
			unreachable:
				"Die Anlage antwortet nicht. Prüfen Sie Ihre Verbindung zum Internet und versuchen Sie es wieder.",
			"no-site": "Was geantwortet hat, ist keine Anlage von Lintel oder eine anderer Version.",
			"unknown-link":
				"Dieser Link gilt nicht: er ist nicht ganz, oder ein neuerer hat ihn ersetzt. Kopieren Sie ihn ganz aus der neuesten Nachricht, oder bitten Sie die Person, die Sie eingeladen hat, um einen neuen.",
			used: "Dieser Link wurde schon benutzt, auf einem anderen Telefon oder in einem anderen Browser. Jeder Link gilt für ein Telefon: bitten Sie die Person, die Sie eingeladen hat, um einen neuen.",
			expired: "Dieser Link ist zu alt. Bitten Sie die Person, die Sie eingeladen hat, um einen neuen.",
			withdrawn:
				"Dieser Link wurde zurückgezogen. Wenn Sie Zutritt brauchen, fragen Sie die Person, die Sie eingeladen hat.",
			"too-many-tries": "Zu viele Versuche. Warten Sie eine Minute und versuchen Sie es wieder.",
			"no-issue-key":
				"Die Anlage kann zurzeit keine Schlüssel für Telefone machen. Sagen Sie es der Person, die Sie eingeladen hat.",
			"no-https":
				"Die Anlage kann zurzeit keine Schlüssel für Telefone machen. Sagen Sie es der Person, die Sie eingeladen hat.",
			"clock-off":
				"Die Uhr dieses Telefons geht falsch. Stellen Sie sie richtig und versuchen Sie es wieder.",
			"not-by-mail":
				"Diese Anlage schickt von sich aus keine Links für verlorene Telefone. Fragen Sie die Person, die Sie eingeladen hat.",
			revoked: "Die Anlage hat diesen Schlüssel beendet.",
			"may-not-lend": "Ihre Anlage lässt Sie keine Besucherausweise mehr vergeben.",
			"too-many-passes":
				"Sie haben so viele Besucherausweise vergeben, wie Sie dürfen. Ziehen Sie zuerst welche zurück.",
			"bad-window": "Ein Besucherausweis beginnt jetzt oder später und endet danach.",
			"other-doors": "Für diese Tür dürfen Sie keine Besucherausweise vergeben.",
			"too-long": "Ihre Anlage lässt Sie Besucherausweise nur für kürzere Zeit vergeben.",
			"too-often": "Ihre Anlage lässt Sie nur Besucherausweise vergeben, die weniger oft öffnen.",
			"not-stored":
				"Der Browser hat den Schlüssel nicht gespeichert: sein Speicher ist voll, oder dies ist ein privates Fenster. Schaffen Sie Platz, oder öffnen Sie den Link in einem gewöhnlichen Fenster, und nehmen Sie noch einmal an.",
		},
		obstacles: {
			insecure:
				"Diese Seite wurde nicht mit https geöffnet, und Browser machen Schlüssel nur mit https. Sagen Sie es der Person, die Sie eingeladen hat.",
			"inner-browser":
				"Sie sehen diese Seite in einer anderen App, die Ihren Schlüssel verlieren würde. Öffnen Sie sie in Ihrem Browser: wählen Sie im Menü der App „Im Browser öffnen“, oder kopieren Sie den Link und fügen Sie ihn in Chrome, Safari oder Firefox ein.",
			"no-ed25519":
				"Dieser Browser ist zu alt für einen solchen Schlüssel. Aktualisieren Sie ihn: Chrome und Edge ab Version 137, Safari ab 17, Firefox ab 129.",
			"no-storage":
				"Dieser Browser speichert hier nichts: es ist ein privates Fenster, oder Speichern ist abgeschaltet. Öffnen Sie den Link in einem gewöhnlichen Fenster.",
		},
		cannot: "Hier lässt sich kein Schlüssel aufbewahren",
		iosTab: "Legen Sie diese Seite zuerst auf den Home-Bildschirm",
		iosTabText:
			"Safari löscht, was eine Seite gespeichert hat, nach 7 Tagen ohne Besuch. Auf dem Home-Bildschirm bleibt Ihr Schlüssel: tippen Sie auf Teilen, dann „Zum Home-Bildschirm“, öffnen Sie die Seite von dort und nehmen Sie den Schlüssel dort an.",
		iosTabAct: "Trotzdem hier annehmen",
		copyLink: "Link kopieren",

		active: (has: number, of: number) => `Aktiv an ${has} von ${of} Türen`,
		waiting: (doors: string) =>
			`Noch nicht an: ${doors}. Eine Tür ohne Verbindung bekommt ihn, sobald sie wieder eine hat.`,
		noDoors: "Zurzeit an keiner Tür. Fragen Sie nach, wenn das nicht stimmt.",
		states: {
			paused: "Ausgesetzt",
			withdrawn: "Zurückgezogen",
			early: "Gilt noch nicht",
			over: "Vorbei",
			stale: "Muss erneuert werden",
		},
		stateTexts: {
			paused:
				"Ihr Zutritt ist ausgesetzt. An diesem Telefon ist nichts zu tun; fragen Sie nach, wann er weitergeht.",
			withdrawn:
				"Die Anlage hat diesen Schlüssel beendet: er öffnet keine Tür mehr. Wenn Sie Zutritt brauchen, bitten Sie um einen neuen Link. Dieser Schlüssel kann entfernt werden.",
			early: "Er öffnet Türen ab dem Datum unten.",
			over: "Seine Zeit ist vorbei. Wenn Sie Zutritt brauchen, fragen Sie nach. Dieser Schlüssel kann entfernt werden.",
			stale:
				"Dieser Schlüssel wurde zu lange nicht erneuert. Verbinden Sie das Telefon mit dem Internet und öffnen Sie diese Seite.",
		},
		details: "Türen und Zeiten",
		has: "hat ihn",
		waits: "wartet darauf",

		open: "Tür öffnen",
		opening: "Verbindung zur Tür …",
		openAgain: "Dieselbe Tür nochmals öffnen",
		openOther: "Andere Tür öffnen",
		openHint: "Stellen Sie sich an die Tür. Der Browser fragt nach dem Leser: wählen Sie den, den er zeigt.",
		noAdapter:
			"Bluetooth ist aus, oder dieser Browser darf es nicht benutzen. Schalten Sie es ein und versuchen Sie es wieder.",
		noBluetooth: "Dieser Browser gibt Seiten kein Bluetooth: zeigen Sie dem Scanner der Tür den Code.",
		noWay:
			"Dieser Browser gibt Seiten kein Bluetooth, und es gibt keinen Code für Scanner. Nehmen Sie Chrome oder Edge, auf Android oder einem Computer.",
		lost: "Die Verbindung zur Tür ging verloren. Bleiben Sie bei ihr und versuchen Sie es wieder.",
		wantsTap:
			"Diese Tür will von dieser Seite aus geöffnet werden, und etwas hat verändert, was gesagt wurde. Versuchen Sie es wieder.",
		atDoor: (door: string, text: string) => `${door}: ${text}`,

		showCode: "Code zeigen",
		code: (site: string) => `Code für einen Scanner von ${site}`,
		codeText: "Halten Sie den Bildschirm eine Handbreit vor den Scanner, mit voller Helligkeit.",
		codeEach: "Alle 15 Sekunden kommt ein neuer Code; ein Bild davon ist bald nichts mehr wert.",
		clockAhead: (by: string) =>
			`Die Uhr dieses Telefons geht ${by} vor. Der Code geht nach der Zeit der Anlage. Stellen Sie die Uhr, wo ein Scanner ihn ablehnt.`,
		clockBehind: (by: string) =>
			`Die Uhr dieses Telefons geht ${by} nach. Der Code geht nach der Zeit der Anlage. Stellen Sie die Uhr, wo ein Scanner ihn ablehnt.`,
		codeFailed: "Der Browser konnte den Code nicht machen. Laden Sie diese Seite neu.",

		remove: "Entfernen",
		removeTitle: (site: string) => `Den Schlüssel von ${site} entfernen?`,
		removeText:
			"Der Schlüssel wird von diesem Telefon gelöscht und lässt sich nicht zurückholen; für einen anderen brauchen Sie einen neuen Link. Die Anlage erfährt davon nichts: sagen Sie es ihr, wenn Sie diesem Telefon nicht mehr trauen.",
		removed: "Der Schlüssel wurde entfernt.",

		lend: "Besuch einlassen",
		lendTitle: (site: string) => `Besucherausweise von ${site}`,
		lendText:
			"Ein Besucherausweis lässt Ihren Besuch ein, an Türen und für eine Zeit, die Sie wählen. Er läuft auf Ihren Namen.",
		visitor: "Name des Besuchs",
		begins: "Beginn",
		ends: "Ende",
		openings: "Wie oft er öffnet",
		openingsHint: "Leer: so oft der Besuch will. Eine Zahl ist für eine Tür.",
		lendAct: "Ausweis machen",
		chooseDoor: "Wählen Sie eine Tür.",
		chooseOneDoor: "Ein Ausweis mit einer Zahl ist für eine Tür: wählen Sie eine.",
		endFirst: "Das Ende muss nach dem Beginn liegen.",
		lent: (name: string) => `Der Ausweis für ${name}`,
		lentText:
			"Geben Sie diesen Link Ihrem Besuch: lassen Sie ihn scannen, oder schicken Sie ihn. Er gilt für ein Telefon.",
		lentPicture: "Der Link als Code für die Kamera des anderen Telefons",
		share: "Link schicken",
		passes: "Ausweise, die Sie vergeben haben",
		noPasses: "Keine.",
		withdraw: "Zurückziehen",
		withdrawTitle: (name: string) => `Den Ausweis für ${name} zurückziehen?`,
		withdrawText: "Er öffnet dann keine Tür mehr.",
		withdrawn: "Der Ausweis wurde zurückgezogen.",
		passStates: {
			open: "noch nicht angenommen",
			accepted: "auf dem Telefon des Besuchs",
			expired: "vorbei",
			withdrawn: "zurückgezogen",
		},
		pass: "Besucherausweis",
		times: { one: "öffnet einmal", other: "öffnet #-mal" },
		timesLeft: { one: "öffnet noch einmal", other: "öffnet noch #-mal" },

		move: "Neues Telefon",
		moveTitle: (site: string) => `Der Schlüssel von ${site} auf einem neuen Telefon`,
		moveText:
			"Solange dieses Telefon noch geht, kann es seinen Schlüssel weitergeben: das neue Telefon macht einen eigenen, und der hier endet im selben Augenblick. Legen Sie das neue Telefon bereit.",
		moveAct: "Link für das neue Telefon machen",
		moveLink: "Öffnen Sie diesen Link auf dem neuen Telefon",
		moveLinkText:
			"Scannen Sie ihn mit der Kamera des neuen Telefons und nehmen Sie dort an. Er ist nur für Sie und gilt für ein Telefon.",

		lostEmail: "Ihre E-Mail-Adresse",
		lostHint: "Die, an die Ihre Anlage schreibt. Dorthin kommt der neue Link.",
		lostAct: "Neuen Link schicken",
		lostSent:
			"Wenn die Anlage diese Adresse kennt, ist ein neuer Link dorthin unterwegs. Der Schlüssel auf dem verlorenen Telefon endet, wenn Sie den neuen annehmen; sagen Sie es der Anlage, wenn er sofort enden soll.",

		helpLost: "Sie haben Ihr Telefon verloren",
		helpLostText:
			"Sagen Sie es sofort der Person, die Sie eingeladen hat. Sie beendet den Schlüssel auf dem verlorenen Telefon, und jede Tür mit Verbindung lehnt ihn in Sekunden ab. Bis dahin hält die Bildschirmsperre andere von ihm ab.",
		helpNew: "Sie haben ein neues Telefon",
		helpNewText:
			"Ein Schlüssel lässt sich nicht von Telefon zu Telefon kopieren. Solange das alte noch geht, wählen Sie dort bei Ihrem Schlüssel „Neues Telefon“. Sonst bitten Sie die Person, die Sie eingeladen hat, um einen neuen Link, und öffnen Sie ihn auf dem neuen Telefon: der neue Schlüssel beginnt und der alte endet, in einem Schritt.",
		helpGone: "Ihr Schlüssel ist von dieser Seite verschwunden",
		helpGoneText:
			"Browser löschen, was Seiten gespeichert haben, wenn Sie ihre Daten löschen, Safari auch nach 7 Tagen ohne Besuch. Dann braucht es einen neuen Link wie für ein neues Telefon. Schlüssel einer Seite auf dem Startbildschirm bleiben.",
		helpAsk: "Wen Sie fragen",
		helpAskText:
			"Die E-Mail oder SMS mit Ihrem Link sagt, von wem sie ist: antworten Sie darauf, oder fragen Sie im Büro Ihrer Anlage. Sie können dies schicken:",
		letter: (site: string) =>
			`Guten Tag, mein Schlüssel für ${site} ist von meinem Telefon verschwunden. Bitte schicken Sie mir einen neuen Link und beenden Sie den alten Schlüssel.`,
		yourSite: "unsere Türen",
	},
});
