import {boot} from './tracker.js';

boot();
