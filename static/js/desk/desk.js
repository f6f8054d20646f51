// The desk's scripts. Every page works without them.
import { announce } from "./announce.js";
import { copying } from "./copy.js";
import { dialogs } from "./dialogs.js";
import { keys } from "./keys.js";
import { looking } from "./looking.js";
import { menus } from "./menus.js";
import { once } from "./once.js";

once(document);
menus(document);
dialogs(document);
copying(document);
looking(document);
keys(document);
announce(document);
