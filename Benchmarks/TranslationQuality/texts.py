"""English texts and what a translator could make of them in Spanish, by where they stand."""

MEME = [
    ("WHEN YOU FINALLY FIX THE BUG", "CUANDO POR FIN ARREGLAS EL ERROR"),
    ("NOBODY TOLD ME ABOUT THE MEETING", "NADIE ME DIJO NADA DE LA REUNIÓN"),
    ("MONDAY MORNING AGAIN", "OTRA VEZ LUNES POR LA MAÑANA"),
    ("ONE DOES NOT SIMPLY CLOSE THE TAB", "UNO NO CIERRA LA PESTAÑA SIN MÁS"),
    ("THE CAT SAW EVERYTHING", "EL GATO LO VIO TODO"),
    ("I WILL START TOMORROW", "EMPEZARÉ MAÑANA"),
    ("MY PLANS FOR THE WEEKEND", "MIS PLANES PARA EL FIN DE SEMANA"),
    ("COFFEE FIRST THEN WORK", "PRIMERO CAFÉ Y LUEGO TRABAJO"),
    ("WAITING FOR THE BUILD TO FINISH", "ESPERANDO A QUE TERMINE LA COMPILACIÓN"),
    ("THEY SAID IT WOULD BE EASY", "DIJERON QUE SERÍA FÁCIL"),
    ("LOOK AT ALL THOSE DUCKS", "MIRA CUÁNTOS PATOS"),
    ("SO CLOSE AND YET SO FAR", "TAN CERCA Y A LA VEZ TAN LEJOS"),
    ("THIS IS FINE SAID THE DOG", "TODO VA BIEN DIJO EL PERRO"),
    ("NOT ALL HEROES WEAR CAPES", "NO TODOS LOS HÉROES LLEVAN CAPA"),
    ("WHO ATE MY SANDWICH", "QUIÉN SE COMIÓ MI BOCADILLO"),
    ("FIVE MORE MINUTES PLEASE", "CINCO MINUTOS MÁS POR FAVOR"),
]

DIALOGUE = [
    ("Where did everybody go?", "¿Adónde se fueron todos?"),
    ("I have never seen anything like it.", "Nunca he visto nada igual."),
    ("Run before the door closes!", "¡Corre antes de que se cierre la puerta!"),
    ("The map was right after all.", "Al final el mapa tenía razón."),
    ("Do not touch the red button.", "No toques el botón rojo."),
    ("We need a bigger boat for this river.", "Necesitamos un barco más grande para este río."),
    ("It is only the wind in the trees.", "Es solo el viento entre los árboles."),
    ("Tell the captain that we are ready.", "Dile al capitán que estamos listos."),
    ("Why is the robot smiling at me?", "¿Por qué me sonríe el robot?"),
    ("My grandmother built this house.", "Mi abuela construyó esta casa."),
    ("Nobody leaves until we find the key.", "Nadie se va hasta que encontremos la llave."),
    ("That was the last bridge to town.", "Era el último puente hacia el pueblo."),
    ("Keep your voice down, they can hear us.", "Baja la voz, pueden oírnos."),
    ("You promised to bring the lamp.", "Prometiste traer la lámpara."),
    ("There is a light on the hill!", "¡Hay una luz en la colina!"),
    ("Who left the window open?", "¿Quién dejó abierta la ventana?"),
]

PROSE = [
    ("The library opens every morning at nine and closes late in the evening.",
     "La biblioteca abre cada mañana a las nueve y cierra tarde por la noche."),
    ("Visitors may borrow up to seven books and keep them for three weeks.",
     "Los visitantes pueden llevarse hasta siete libros y tenerlos tres semanas."),
    ("A small garden behind the building is open to everyone.",
     "Un pequeño jardín detrás del edificio está abierto a todos."),
    ("In winter the reading room is heated with wood from the forest.",
     "En invierno la sala de lectura se calienta con madera del bosque."),
    ("Children find their own shelves on the second floor.",
     "Los niños encuentran sus propios estantes en la segunda planta."),
    ("The oldest map of the valley hangs beside the stairs.",
     "El mapa más antiguo del valle cuelga junto a la escalera."),
    ("Music can be heard through headphones in the quiet corner.",
     "En el rincón tranquilo se puede oír música con auriculares."),
    ("Please return damaged books to the desk near the entrance.",
     "Devuelva los libros dañados al mostrador cerca de la entrada."),
    ("Every spring a market fills the square in front of the hall.",
     "Cada primavera un mercado llena la plaza delante del salón."),
    ("The river was much wider when the first houses were built.",
     "El río era mucho más ancho cuando se construyeron las primeras casas."),
    ("Students from the village help to repair torn pages.",
     "Los estudiantes del pueblo ayudan a reparar páginas rotas."),
    ("A narrow path leads from the bridge to the old mill.",
     "Un camino estrecho lleva del puente al viejo molino."),
    ("The clock on the tower has been five minutes late for years.",
     "El reloj de la torre lleva años atrasado cinco minutos."),
    ("Bread is baked twice a day and sold while it is warm.",
     "El pan se hornea dos veces al día y se vende caliente."),
]

LABEL = [
    ("Settings", "Ajustes"), ("Open file", "Abrir archivo"), ("Log out", "Cerrar sesión"), ("Search", "Buscar"),
    ("Notifications", "Notificaciones"), ("Dark mode", "Modo oscuro"), ("Save changes", "Guardar cambios"),
    ("Delete account", "Eliminar cuenta"), ("Help and feedback", "Ayuda y comentarios"), ("Language", "Idioma"),
    ("Privacy", "Privacidad"), ("Storage is almost full", "El almacenamiento está casi lleno"),
    ("Share with friends", "Compartir con amigos"), ("Download all", "Descargar todo"), ("Volume", "Volumen"),
    ("Cancel order", "Cancelar pedido"), ("Payment methods", "Formas de pago"), ("Your profile", "Tu perfil"),
    ("Recent documents", "Documentos recientes"), ("Empty trash", "Vaciar papelera"),
    ("Battery saver", "Ahorro de batería"), ("Network", "Red"), ("Forgot password", "Olvidé mi contraseña"),
    ("Continue", "Continuar"),
]

TITLE = [
    ("Summer Festival", "Festival de verano"), ("Night of Music", "Noche de música"),
    ("Winter Market", "Mercado de invierno"), ("Open Garden Day", "Día del jardín abierto"),
    ("Harvest Dinner", "Cena de la cosecha"), ("City Run", "Carrera urbana"), ("Book Fair", "Feria del libro"),
    ("Kite Weekend", "Fin de semana de cometas"), ("Old Town Walk", "Paseo por el casco antiguo"),
    ("Science Evening", "Tarde de ciencia"),
]

SIGN = [
    ("Fresh bread every day", "Pan fresco todos los días"), ("Beware of the dog", "Cuidado con el perro"),
    ("No parking on weekdays", "No aparcar entre semana"), ("Tickets at the entrance", "Entradas en la puerta"),
    ("Please close the gate", "Cierre la verja, por favor"), ("Live music from eight", "Música en vivo desde las ocho"),
    ("Free entry for children", "Entrada gratis para niños"), ("Closed until Monday", "Cerrado hasta el lunes"),
    ("Swimming is not allowed", "Prohibido bañarse"), ("Mind the gap", "Cuidado con el hueco"),
    ("Homemade lemonade", "Limonada casera"), ("Keep to the left", "Manténgase a la izquierda"),
    ("Rooms with a view of the sea", "Habitaciones con vistas al mar"), ("Wet paint", "Recién pintado"),
    ("Bicycles for rent", "Alquiler de bicicletas"), ("The trail starts here", "El sendero empieza aquí"),
]


def of(split, pairs):
    """Two thirds of the texts are for both splits, the others for the held-out one alone."""
    return [pair for index, pair in enumerate(pairs) if index % 3 < 2] if split == "dev" else pairs
