// The loader of the main thread is not there in others.
import { register } from 'tsx/esm/api'

register()
